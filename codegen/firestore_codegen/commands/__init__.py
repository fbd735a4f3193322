"""The commands of `firestore-codegen`, a file each, with the options and reports that they share."""
