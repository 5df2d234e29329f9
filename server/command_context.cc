#include "server/command_context.h"

#include <algorithm>
#include <atomic>

#include "server/io_thread.h"

namespace respublica {
namespace {

/// One question to all io threads. The last one to answer sends the answers home.
struct Question {
  std::function<std::string(IoThread&)> ask;
  std::function<void(CommandContext&, std::vector<std::string>)> answer;
  std::vector<std::string> answers;
  std::atomic<std::size_t> missing;
  IoThread* home;
  std::uint64_t session;
  const Command* command;
};

void give_answers(const std::shared_ptr<Question>& question) {
  Session* session = question->home->find(question->session);
  if (session == nullptr) return;
  session->resume(*question->command,
                  [&](CommandContext& context) { question->answer(context, std::move(question->answers)); });
}

void ask_one(const std::shared_ptr<Question>& question, IoThread& io) {
  question->answers[io.index()] = question->ask(io);
  if (question->missing.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    question->home->post([question] { give_answers(question); });
  }
}

}  // namespace

bool CommandContext::is(std::size_t index, std::string_view word) const {
  const std::string_view argument = arguments[index];
  return argument.size() == word.size() &&
         std::equal(argument.begin(), argument.end(), word.begin(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; });
}

void CommandContext::ask_io_threads(std::function<std::string(IoThread&)> ask,
                                    std::function<void(CommandContext&, std::vector<std::string>)> answer) {
  const std::vector<IoThread*>& threads = server.io_threads();
  if (threads.size() == 1) {
    std::vector<std::string> answers;
    answers.push_back(ask(io));
    answer(*this, std::move(answers));
    return;
  }
  auto question = std::make_shared<Question>();
  question->ask = std::move(ask);
  question->answer = std::move(answer);
  question->answers.resize(threads.size());
  question->missing = threads.size();
  question->home = &io;
  question->session = session.number();
  question->command = &command;
  session.suspend();
  for (IoThread* thread : threads) {
    if (thread != &io) thread->post([question, thread] { ask_one(question, *thread); });
  }
  ask_one(question, io);
}

void CommandContext::block(std::chrono::milliseconds timeout, std::function<void(CommandContext&)> answer,
                           Awaited awaited) {
  if (client.in_exec()) {
    answer(*this);
    return;
  }
  std::optional<SteadyTime> deadline;
  if (timeout.count() > 0) deadline = std::chrono::steady_clock::now() + timeout;
  Session::Blocked blocked{deadline, &command, std::move(answer), std::move(awaited.ready),
                           std::move(awaited.registration)};
  session.block(std::move(blocked));
}

}  // namespace respublica
