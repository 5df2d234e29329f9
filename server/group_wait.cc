#include "server/group_wait.h"

#include <memory>
#include <utility>
#include <vector>

#include "server/command_context.h"
#include "server/durable_channels.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

/// What a client that waits has in the sequencer; given up when the client goes.
class Waiting {
 public:
  Waiting(DurableChannels& durable, std::shared_ptr<ReadWait> wait) : durable_(durable), wait_(std::move(wait)) {}
  ~Waiting() { give_up(); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  void give_up() {
    if (wait_ != nullptr) durable_.give_up(std::exchange(wait_, nullptr));
  }
  void answered() { wait_ = nullptr; }

 private:
  DurableChannels& durable_;
  std::shared_ptr<ReadWait> wait_;
};

}  // namespace

void wait_for_entries(CommandContext& context, ReadGroup reading, std::optional<std::chrono::milliseconds> timeout,
                      DurableRun::Answer write_reply) {
  std::optional<SteadyTime> deadline;
  if (timeout && timeout->count() > 0) deadline = std::chrono::steady_clock::now() + *timeout;
  DurableChannels& durable = context.server.durable();
  const auto wait = std::make_shared<ReadWait>(deadline, timeout ? ReadWait::AtEnd::waits : ReadWait::AtEnd::ends);
  const auto waiting = std::make_shared<Waiting>(durable, wait);
  Session::Blocked blocked{};
  blocked.command = &context.command;
  blocked.give_up = [waiting = std::weak_ptr<Waiting>(waiting)] {
    if (const std::shared_ptr<Waiting> still = waiting.lock()) still->give_up();
  };
  blocked.registration = waiting;
  context.session.block(std::move(blocked));
  Sequencer::Work work;
  work.commands.push_back({{}, std::move(reading)});
  work.wait = wait;
  work.done = [io = &context.io, number = context.session.number(), waiting = std::weak_ptr<Waiting>(waiting),
               write_reply](std::vector<DurableOutcome> outcomes) {
    const auto shared = std::make_shared<const std::vector<DurableOutcome>>(std::move(outcomes));
    io->post([io, number, waiting, write_reply, shared] {
      Session* const session = io->find(number);
      if (session == nullptr) return;
      if (const std::shared_ptr<Waiting> still = waiting.lock()) still->answered();
      session->end_wait(is_nothing(shared->front()) ? Session::Found::nothing : Session::Found::something,
                        [write_reply, &shared](CommandContext& late) { write_reply(late, *shared); });
    });
  };
  durable.submit(std::move(work));
}

}  // namespace respublica
