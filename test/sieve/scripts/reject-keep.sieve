require ["reject", "fileinto"]; keep; reject "No.";
