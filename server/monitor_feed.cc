#include "server/monitor_feed.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>

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

void feed_monitors(IoThread& io, Session& session, std::span<const std::string_view> arguments) {
  // Redis writes a unix socket's clients in this form here, and only here.
  std::string address = session.peer_address();
  if (address.front() == '/') address = "unix:" + address.substr(0, address.rfind(':'));
  const std::chrono::duration<double> unix_time = std::chrono::system_clock::now().time_since_epoch();
  auto line =
      std::make_shared<std::string>(monitor_line(unix_time.count(), session.client().database, address, arguments));
  *line += "\r\n";
  for (IoThread* thread : io.server().io_threads()) {
    thread->post([thread, line] {
      thread->for_each_session([&](Session& watcher) {
        if (watcher.client().monitor) watcher.send_copy(*line);
      });
    });
  }
}

}  // namespace respublica
