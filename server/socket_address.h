#pragma once

#include <cstdint>
#include <string>

namespace respublica {

enum class AddressOf : std::uint8_t { peer, local };

/// "127.0.0.1:1234", "[::1]:1234" or "/path/to/socket:0", as Redis writes the ends of a connection; "?:0" when the
/// system does not say.
std::string socket_address(int descriptor, AddressOf which);

/// True for a unix socket and for a peer on a loopback address: protected mode lets these in.
bool is_local_peer(int descriptor);

}  // namespace respublica
