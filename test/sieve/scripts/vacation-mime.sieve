require "vacation";
vacation :mime :from "Nick <nick@here.example>" :addresses ["nick@here.example"] :subject "休暇中です" text:
X-Evil: yes
Content-Type: multipart/alternative; boundary=foo

--foo
Content-Type: text/plain; charset=utf-8

休みます
--foo--
.
;
