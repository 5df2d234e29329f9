#pragma once
// Every command by name.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/command.h"

namespace respublica {

/// A command as the table holds it: its row, its subcommands, and a small number (its place in the counters).
struct Command {
  CommandRow row;
  std::uint16_t number = 0;
  std::vector<const Command*> subcommands;

  bool is_container() const { return !subcommands.empty(); }
  bool is_subcommand() const { return row.name.find('|') != std::string_view::npos; }
  bool has(CommandFlag flag) const { return (row.flags & flag) != 0; }
  /// True when a call with `arguments` words (name included) satisfies the arity.
  bool arity_accepts(std::size_t arguments) const {
    return row.arity >= 0 ? arguments == static_cast<std::size_t>(row.arity)
                          : arguments >= static_cast<std::size_t>(-row.arity);
  }
};

/// Built once at start from the families' rows; aborts with the name of a row that is twice there or has no container.
/// Thread: any, immutable.
class CommandTable {
 public:
  CommandTable();
  CommandTable(const CommandTable&) = delete;
  CommandTable& operator=(const CommandTable&) = delete;

  /// The command of that name in any case, or null.
  const Command* find(std::string_view name) const;
  /// The subcommand `name` of a container in any case, or null.
  static const Command* find_subcommand(const Command& container, std::string_view name);

  /// Top-level commands, sorted by name.
  const std::vector<const Command*>& commands() const { return commands_; }
  /// Commands and subcommands; Command::number is the index.
  const std::vector<const Command*>& all() const { return all_; }

 private:
  struct Slot {
    std::string_view name;
    const Command* command = nullptr;
  };
  std::vector<Command> storage_;
  std::vector<const Command*> commands_;
  std::vector<const Command*> all_;
  std::vector<Slot> slots_;
};

}  // namespace respublica
