#pragma once
// Opening and setting up sockets.

#include <string>

#include "base/result.h"

namespace respublica {

/// Opens a listening TCP socket with SO_REUSEPORT. `port` 0 lets the system choose. Fails with the address and the
/// system's reason.
Result<int> listen_tcp(const std::string& address, int port, int backlog);

/// Fails when some other process listens there: SO_REUSEPORT alone would let two brokers share a port unnoticed.
Result<void> check_port_free(const std::string& address, int port);

/// Opens a listening unix socket; a stale file of that name is removed. `permissions` 0 leaves what umask gives.
Result<int> listen_unix(const std::string& path, unsigned permissions, int backlog);

/// The port that a listening TCP socket has.
int bound_port(int descriptor);

/// For an accepted client: TCP_NODELAY, and keepalive probes after `keepalive_seconds` (0 = none). Unix sockets are
/// left alone.
void set_client_options(int descriptor, int keepalive_seconds);

}  // namespace respublica
