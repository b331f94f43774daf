require ["enotify", "variables"];
if header :matches "subject" "*" { set "subject" "${1}"; }
notify :importance "1" :message "Boss: ${subject}" "mailto:phone@carrier.example?body=Look%20at%20it";
