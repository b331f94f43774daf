require "vacation"; vacation "One."; vacation :days 3 "Two.";
