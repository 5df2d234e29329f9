#include "server/monitor_feed.h"

#include <fmt/format.h>

#include <chrono>

#include "base/shared_bytes.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

void append_quoted(std::string& out, std::string_view bytes) {
  out += '"';
  for (const char byte : bytes) {
    switch (byte) {
      case '\\':
      case '"':
        out += '\\';
        out += byte;
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\a':
        out += "\\a";
        break;
      case '\b':
        out += "\\b";
        break;
      default:
        if (byte >= ' ' && byte <= '~') {
          out += byte;
        } else {
          fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(byte));
        }
    }
  }
  out += '"';
}

}  // namespace

std::string monitor_line(double unix_time, std::size_t database, std::string_view address,
                         std::span<const std::string_view> arguments) {
  std::string line = fmt::format("+{:.6f} [{} {}]", unix_time, database, address);
  for (const std::string_view argument : arguments) {
    line += ' ';
    append_quoted(line, argument);
  }
  return line;
}

void start_monitor(IoThread& io, Session& session) {
  io.monitors().retain([&](std::uint64_t number) {
    const Session* other = io.find(number);
    return other != nullptr && other->client().monitor;
  });
  io.monitors().add(session.number());
  session.client().monitor = true;
  io.server().monitors().fetch_add(1, std::memory_order_relaxed);
}

void feed_monitors(IoThread& io, Session& session, std::span<const std::string_view> arguments) {
  // Redis writes a unix socket's clients in this form here, and only here.
  std::string address = session.peer_address();
  if (address.front() == '/') address = "unix:" + address.substr(0, address.rfind(':'));
  const std::chrono::duration<double> unix_time = std::chrono::system_clock::now().time_since_epoch();
  const SharedBytes line =
      SharedBytes::copy_of(monitor_line(unix_time.count(), session.client().database, address, arguments) + "\r\n");
  for (IoThread* thread : io.server().io_threads()) {
    if (thread->monitors().empty()) continue;
    thread->post([thread, line] {
      thread->monitors().retain([&](std::uint64_t number) {
        Session* watcher = thread->find(number);
        if (watcher == nullptr || !watcher->client().monitor) return false;
        watcher->deliver(line, SharedBytes(), 1);
        return true;
      });
    });
  }
}

}  // namespace respublica
