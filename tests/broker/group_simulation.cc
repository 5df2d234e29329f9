#include "tests/broker/group_simulation.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <iterator>
#include <utility>

#include "broker/letter_tasks.h"
#include "tests/broker/group_commands.h"
#include "tests/broker/group_commands_random.h"

namespace respublica::test {
namespace {

using std::chrono::milliseconds;

constexpr int kLives = 3;
constexpr std::uint64_t kSegmentBytes = 16 * 1024;

std::string answer(const DurableOutcome& outcome) { return outcome.id ? format_stream_id(*outcome.id) : show(outcome); }

/// "dlq.reason=rejected dlq.detail=..."
std::string words(std::string_view fields) {
  std::string text;
  for (const auto& [name, value] : field_list(fields)) text += (text.empty() ? "" : " ") + name + '=' + value;
  return text;
}

std::string kept(const ModelStream& stream) {
  std::string text = " last " + format_stream_id(stream.last_id) + " deleted " + format_stream_id(stream.max_deleted) +
                     " added " + std::to_string(stream.added) + " entries";
  for (const auto& [id, fields] : stream.entries) {
    text += ' ' + format_stream_id(id) + '#' + std::to_string(std::hash<std::string>()(fields) % 10'000);
  }
  return text;
}

/// Those that die at once in several groups are there in any order.
std::string kept_letters(const ModelStream& stream) {
  std::vector<std::string> letters;
  for (const auto& [id, fields] : stream.entries) letters.push_back("\n  " + words(fields));
  std::ranges::sort(letters);
  std::string text =
      " last " + format_stream_id(stream.last_id) + " added " + std::to_string(stream.added) + " letters";
  for (const std::string& letter : letters) text += letter;
  return text;
}

std::string kept(const std::string& name, const ModelStream& stream, const GroupDetails& groups) {
  return name + (name.starts_with("dlq") ? kept_letters(stream) : kept(stream)) + " groups " +
         show(without_times(groups)) + '\n';
}

std::string kept(const GroupModel& model) {
  std::string text;
  for (const auto& [name, stream] : model.streams()) text += kept(name, stream, model.details(name));
  return text;
}

/// What nobody sees of what is pending: in which order what was given back is claimed, what waits until when, and what
/// its dead letters would say.
std::string hidden(const GroupModel& model) {
  std::string text;
  for (const auto& [name, stream] : model.streams()) {
    for (const auto& [group_name, group] : stream.groups) {
      std::map<std::uint64_t, StreamId> order;
      text += name + '.' + group_name;
      for (const auto& [id, pending] : group.pending) {
        if (pending.given_back != 0) order[pending.given_back] = id;
        text += ' ' + std::to_string(pending.due_ms) + ' ' + std::to_string(pending.first_delivered_ms) + ' ' +
                std::to_string(pending.deaths);
      }
      for (const auto& [number, id] : order) text += ' ' + format_stream_id(id);
    }
  }
  return text;
}

}  // namespace

void GroupSimulation::Counts::add(const Counts& other) {
  rejected += other.rejected;
  swept += other.swept;
  redriven += other.redriven;
  added_again += other.added_again;
  discarded += other.discarded;
  recovered += other.recovered;
}

GroupSimulation::GroupSimulation(std::uint64_t seed, Rules rules)
    : random_(seed), disk_(seed), writes_(random_.percent(50) ? SectorWrites::torn : SectorWrites::whole) {
  if (rules == Rules::some) choose_rules();
  states_.emplace_back(rules_);
}

void GroupSimulation::choose_rules() {
  const auto some_ms = [this](std::uint64_t most) { return milliseconds(1 + random_.below(most)); };
  auto all = std::make_shared<DurableRules>();
  for (const char* const channel : {"s", "t"}) {
    // A channel without a rule stands beside one that has one.
    if (random_.percent(10)) continue;
    DurableRule rule;
    rule.pattern = channel;
    rule.groups.max_deliveries = random_.below(6);
    rule.groups.ack_wait = some_ms(30);
    rule.groups.backoff.clear();
    for (std::uint64_t count = random_.below(4); count > 0; --count) rule.groups.backoff.push_back(some_ms(20));
    rule.groups.redeliver = random_.percent(70);
    constexpr std::array<const char*, 3> kNames{"dlq", "dlq:%group", "dlq:%channel:%group"};
    rule.groups.dlq = kNames.at(random_.below(kNames.size()));
    rules_[channel] = rule.groups;
    all->add(std::move(rule));
  }
  listener_.set_rules(std::move(all));
}

std::string GroupSimulation::run() {
  for (int life = 0; life < kLives && !is_over(); ++life) {
    if (random_.percent(70)) disk_.crash_at(1 + random_.below(200));
    policy_ = random_.percent(70) ? AppendSync::always : AppendSync::no;
    reopen();
    for (std::uint64_t steps = 10 + random_.below(40); steps > 0 && !is_over(); --steps) {
      if (!step()) break;
    }
    end_life();
  }
  if (!is_over()) reopen();
  sequencer_ = nullptr;
  return problem_;
}

void GroupSimulation::crash() {
  disk_.crash(random_.below(1ULL << 60), writes_);
  has_crashed_ = true;
}

void GroupSimulation::report(std::string problem) {
  if (problem_.empty()) problem_ = std::move(problem);
}

void GroupSimulation::end_life() {
  sequencer_ = nullptr;
  if (disk_.has_lost_power() || random_.percent(30)) crash();
}

void GroupSimulation::reopen() {
  for (int attempts = 0; attempts < 20; ++attempts) {
    listener_.begin_life();
    sequencer_ = sequencer_on(disk_, LogOptions{kSegmentBytes}, UpkeepLimits{4096}, policy_, clock_, listener_);
    const auto opened = sequencer_->open();
    if (!opened && !disk_.has_lost_power()) return report("refused: " + opened.error().message);
    if (opened) {
      sequencer_->start_by_hand(random_.percent(50) ? Sequencer::CommitsHere::yes : Sequencer::CommitsHere::no);
      if (compare()) return;
    }
    sequencer_ = nullptr;
    if (is_over()) return;
    crash();
  }
  report("the log cannot be opened");
}

/// Takes over what is there.
bool GroupSimulation::compare() {
  turn_broker();
  const std::optional<Found> found = look();
  if (!found) return false;
  // It has ended in order: nothing may be missing.
  if (!has_crashed_) states_ = {states_.back()};
  take_over(*found);
  counts_.recovered += has_crashed_ ? 1 : 0;
  has_crashed_ = false;
  return true;
}

std::optional<GroupSimulation::Found> GroupSimulation::look() {
  Found found;
  std::vector<DurableCommand> commands;
  for (const auto& stream : sequencer_->streams().all()) found.names.push_back(stream->name());
  std::ranges::sort(found.names);
  for (const std::string& name : found.names) commands.push_back({name, ShowGroupsInFull{0}});
  listener_.submit(*sequencer_, std::move(commands));
  turn_broker();
  auto answers = listener_.wait_for(1);
  if (answers.empty()) return std::nullopt;
  found.groups = std::move(answers.front());
  for (std::size_t i = 0; i < found.names.size(); ++i) {
    const std::optional<ModelStream> stream = read_stream(found.names[i]);
    if (!stream || found.groups[i].groups == nullptr) {
      if (!disk_.has_lost_power()) report("stream " + found.names[i] + " cannot be read");
      return std::nullopt;
    }
    found.text += kept(found.names[i], *stream, std::get<GroupDetails>(*found.groups[i].groups));
  }
  return disk_.has_lost_power() ? std::nullopt : std::optional(std::move(found));
}

std::optional<ModelStream> GroupSimulation::read_stream(const std::string& name) {
  const std::shared_ptr<const Stream> stream = sequencer_->streams().find(name);
  const LogSource source(*sequencer_->log());
  StreamReader reader(source);
  ModelStream read;
  read.last_id = stream->last_id();
  read.max_deleted = stream->max_deleted_id();
  read.added = stream->entries_added();
  const auto done = reader.forward(*stream, {}, [&read](const StoredEntry& entry) {
    read.entries.emplace(entry.id, entry.fields);
    return true;
  });
  return done ? std::optional(std::move(read)) : std::nullopt;
}

void GroupSimulation::take_over(const Found& found) {
  std::vector<GroupModel> opened;
  std::vector<GroupModel> fitting;
  for (const GroupModel& state : states_) {
    // The first thing that was done is what time does.
    GroupModel swept = state;
    swept.sweep(now_ms_);
    if (kept(swept) != found.text) continue;
    opened.push_back(state);
    fitting.push_back(std::move(swept));
  }
  if (fitting.empty()) {
    return report("it is as it never was, or as it was before a sync:\n" + found.text + "wanted:\n" +
                  kept(states_.front()) + "or one of " + std::to_string(states_.size() - 1) + " later ones up to\n" +
                  kept(states_.back()));
  }
  const std::string unseen = hidden(fitting.back());
  is_ambiguous_ = !std::ranges::all_of(fitting, [&unseen](const GroupModel& state) { return hidden(state) == unseen; });
  states_ = std::move(opened);
  become(std::move(fitting.back()), true);
  for (std::size_t i = 0; i < found.names.size(); ++i) {
    for (const GroupDetail& group : std::get<GroupDetails>(*found.groups[i].groups).groups) {
      take_over(group, states_.back().streams()[found.names[i]].groups[group.name]);
    }
  }
}

/// Consumers have not asked for anything since they did.
void GroupSimulation::take_over(const GroupDetail& found, ModelGroup& group) {
  for (const ConsumerDetail& member : found.members) {
    ModelConsumer& consumer = group.consumers[member.name];
    if (member.seen_ms > now_ms_ || member.seen_ms == 0) report("a consumer was seen when it was not");
    if (member.active_ms > now_ms_) report("a consumer was active when it was not");
    consumer = {member.seen_ms, member.active_ms};
  }
}

bool GroupSimulation::step() {
  const std::uint64_t passed = random_.percent(10) ? random_.below(80) : random_.below(8);
  now_ms_ += passed;
  clock_.pass(milliseconds(passed));
  const bool moves = !rules_.empty() && random_.percent(10);
  if (!(moves ? move_letters() : work())) return false;
  return random_.percent(85) || check();
}

bool GroupSimulation::work() {
  RandomGroupCommands random(random_);
  std::vector<DurableCommand> commands;
  for (std::uint64_t count = 1 + random_.below(4); count > 0; --count) commands.push_back(random.next());
  const auto outcomes = commit(commands);
  const bool had_power = !disk_.has_lost_power();
  const std::uint64_t letters_before = letters();
  GroupModel next = states_.back();
  bool is_as_expected = outcomes.has_value();
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const std::string expected = next.run(commands[i], now_ms_);
    const std::string found = outcomes ? answer((*outcomes)[i]) : expected;
    if (found == expected) continue;
    is_as_expected = false;
    if (had_power) {
      report("at " + std::to_string(now_ms_) + " command " + std::to_string(i) + " of kind " +
             std::to_string(commands[i].change.index()) + " answered:\n" + found + "\nwanted:\n" + expected +
             "\nbefore:\n" + kept(states_.back()));
    }
  }
  // What nobody was told of may be on the disk.
  // What changes nothing writes nothing, and syncs nothing of the deliveries before it.
  const bool is_change = kept(next) != kept(states_.back()) || hidden(next) != hidden(states_.back());
  become(std::move(next), is_as_expected && is_change && std::ranges::any_of(commands, needs_promise));
  counts_.rejected += letters() - letters_before;
  return is_as_expected;
}

std::uint64_t GroupSimulation::letters() const {
  std::uint64_t count = 0;
  for (const auto& [name, stream] : states_.back().streams()) count += name.starts_with("dlq") ? stream.added : 0;
  return count;
}

void GroupSimulation::become(GroupModel next, bool is_promised) {
  if (is_promised && policy_ == AppendSync::always) states_.clear();
  states_.push_back(std::move(next));
}

bool GroupSimulation::move_letters() {
  RandomGroupCommands random(random_);
  LetterTasks::Request request;
  request.act = random_.percent(75) ? MoveLetters::Act::redrive : MoveLetters::Act::discard;
  request.filter = random.letters();
  const auto rule = rules_.find(*request.filter.channel);
  if (rule == rules_.end()) return true;
  request.channel = rule->second.dlq_of(*request.filter.channel, *request.filter.group);
  const bool is_dry_run = random_.percent(20);
  std::optional<LetterFates> found;
  if (is_dry_run) request.foresee = [&found](const LetterTask& task) { found = task.fates; };
  sequencer_->ask_tasks([&request](LetterTasks& tasks) { tasks.start(request); });
  turn();
  GroupModel next = states_.back();
  const LetterFates expected = next.move(request.channel, request.act, request.filter, now_ms_);
  if (!is_dry_run) {
    become(std::move(next), expected.gone() > 0 && !disk_.has_lost_power());
    sequencer_->ask_tasks([&found](const LetterTasks& tasks) { found = tasks.all().back().fates; });
    turn();
    count(request.act, expected);
  }
  if (disk_.has_lost_power()) return false;
  if (!found || show(*found) != show(expected)) {
    report("at " + std::to_string(now_ms_) + " letters of " + request.channel + ":\n" +
           (found ? show(*found) : "no answer") + "\nwanted:\n" + show(expected) + "\nnow:\n" + kept(states_.back()));
  }
  return true;
}

void GroupSimulation::count(MoveLetters::Act act, const LetterFates& fates) {
  counts_.added_again += fates.added;
  (act == MoveLetters::Act::redrive ? counts_.redriven : counts_.discarded) += fates.moved;
}

bool GroupSimulation::check() {
  turn();
  const std::optional<Found> found = look();
  if (!found) return false;
  if (found->text != kept(states_.back())) {
    report("at " + std::to_string(now_ms_) + " it is:\n" + found->text + "wanted:\n" + kept(states_.back()));
  }
  return true;
}

std::optional<std::vector<DurableOutcome>> GroupSimulation::commit(std::vector<DurableCommand> commands) {
  listener_.submit(*sequencer_, std::move(commands));
  // Some works are done at once, and time does nothing before them.
  if (listener_.is_awaited()) turn();
  auto answers = listener_.wait_for(1);
  if (answers.empty()) return std::nullopt;
  return std::move(answers.front());
}

void GroupSimulation::turn() {
  GroupModel next = states_.back();
  const bool is_due = next.sweep(now_ms_);
  const std::uint64_t letters_before = letters();
  turn_broker();
  if (is_due) become(std::move(next), !disk_.has_lost_power());
  counts_.swept += letters() - letters_before;
}

void GroupSimulation::turn_broker() {
  while (random_.percent(40) && sequencer_->side_turn()) {
  }
  sequencer_->turn();
  while (random_.percent(40) && sequencer_->side_turn()) {
  }
}

}  // namespace respublica::test
