// INFO: https://redis.io/docs/latest/commands/info/

#include <cstring>

#include "server/command_context.h"
#include "server/commands/families.h"
#include "server/info_report.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

void run_info(CommandContext& context) {
  const InfoSelection selection = select_sections(context.arguments.subspan(1));
  const auto count_clients = [](IoThread& io) {
    const ClientFigures figures = client_figures(io);
    return std::string(reinterpret_cast<const char*>(&figures), sizeof figures);
  };
  context.ask_io_threads(count_clients, [selection](CommandContext& later, const std::vector<std::string>& answers) {
    ClientFigures clients;
    for (const std::string& answer : answers) {
      ClientFigures figures;
      std::memcpy(&figures, answer.data(), sizeof figures);
      clients.add(figures);
    }
    later.reply.verbatim("txt", info_report(later.server, clients, selection));
  });
}

constexpr CommandRow kRows[] = {
    {"info",
     -1,
     kLoading | kStale,
     kAclDangerous,
     {},
     run_info,
     "Returns information and statistics about the server.",
     "1.0.0",
     "server",
     "O(1)"},
};

}  // namespace

CommandFamily info_commands() { return kRows; }

}  // namespace respublica
