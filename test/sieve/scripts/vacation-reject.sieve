require ["vacation", "reject"]; vacation "One."; reject "No.";
