require ["editheader", "fileinto", "copy", "variables"];

fileinto :copy "before";
addheader "X-Edited" "yes";
fileinto :copy "between";
if header :matches "subject" "*" {
	deleteheader "Subject";
	addheader "Subject" "[list] ${1}";
}
