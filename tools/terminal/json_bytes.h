#pragma once

#include <string>
#include <string_view>

namespace respublica {

/// Appends bytes as a JSON string when they are UTF-8, and otherwise as {"base64": "..."}: no byte is lost.
void append_json_bytes(std::string& out, std::string_view bytes);

}  // namespace respublica
