#pragma once

namespace gantry::cli {

inline constexpr const char* table_format_help =
    "How to print:\n'table':            the table with its headings (default)\n'table TEMPLATE':   a table of this Go template\n"
    "'json':             JSON, one line each\n'TEMPLATE':         this Go template";
inline constexpr const char* object_format_help = "How to print:\n'json':             JSON\n'TEMPLATE':         this Go template";

} // namespace gantry::cli
