require "reject"; reject "No."; reject "No.";
