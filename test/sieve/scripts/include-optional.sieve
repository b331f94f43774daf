require "include"; include :optional "no-such-script"; include :optional :global "nor-this";
