#pragma once

#include <string>
#include <string_view>

namespace respublica {

/// Appends `text` as a JSON string (RFC 8259), quotes included. UTF-8 stays as it is; a byte that is no part of valid
/// UTF-8 becomes \u00xx.
void append_json_string(std::string& out, std::string_view text);

/// Whether all bytes are valid UTF-8 (RFC 3629): append_json_string() keeps them as they are then.
bool is_utf8(std::string_view text);

}  // namespace respublica
