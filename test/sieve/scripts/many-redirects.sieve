redirect "a@x.example"; redirect "b@x.example"; redirect "B@x.example"; redirect "c@x.example";
