#pragma once
// Damage in words.

#include <string>

#include "tools/log/channel_names.h"
#include "tools/log/log_visitor.h"

namespace respublica::logtool {

/// "FILE, byte N, position B to E: REASON; channels concerned: ...", without a newline.
std::string damage_text(const Damage& damage, const ChannelNames& names);

/// "4096 bytes", "1.5 MiB".
std::string shown_bytes(std::uint64_t bytes);

}  // namespace respublica::logtool
