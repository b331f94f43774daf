require ["vacation", "vacation-seconds"]; vacation :seconds 0 :handle "other" "I am away.";
