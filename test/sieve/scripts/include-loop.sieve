require "include"; include "loop";
