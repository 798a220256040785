#pragma once

/// Answers HTTP GET on `port` of every address until SIGTERM or SIGINT. Returns the program's exit code.
int serve(unsigned port);
