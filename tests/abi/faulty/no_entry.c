__attribute__((visibility("default"))) int some_other_library(void) { return 0; }
