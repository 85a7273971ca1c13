#include "sight/jobs/attempt.h"

#include <array>

#include "base/process/pipe.h"

namespace sightline::jobs {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kFacesAtOnce = 512;  // in one transaction
constexpr std::chrono::seconds kReportEvery{2};
constexpr std::chrono::milliseconds kLookAtStopEvery{100};
constexpr std::chrono::milliseconds kPatience{1'000};  // with a worker that has closed its pipe
constexpr std::size_t kMostMatches = 10;  // of a track: a page repeats them with each of its faces

/// Keeps what comes, in the order in which it must come.
class Listener {
 public:
  explicit Listener(const AttemptDependencies& dependencies)
      : dependencies_(dependencies), last_reported_(SteadyClock::now()) {}

  /// Errors: corrupt (nonsense), those of tables and journal.
  Result<void> take(Record record) {
    return std::visit([this](auto& said) { return on(said); }, record);
  }
  [[nodiscard]] bool over() const { return finished_ || given_up_; }
  /// After over().
  Result<AttemptResult> settle();

 private:
  Result<void> on(Hello& hello) {
    if (greeted_) return nonsense();
    greeted_ = true;
    return dependencies_.journal.greet(hello);
  }
  Result<void> on(ClipFound& found) {
    if (!greeted_ || found_) return nonsense();
    found_ = std::move(found);
    return {};
  }
  Result<void> on(Detection& detection) {
    if (!greeted_ || over()) return nonsense();
    return dependencies_.journal.add(detection);
  }
  Result<void> on(FrameSample& sample) {
    if (!found_ || over() || !people_.empty() || sample.timestamp_ms < last_timestamp_) return nonsense();
    last_timestamp_ = sample.timestamp_ms;
    held_faces_ += sample.faces.size();
    held_.push_back(std::move(sample));
    return flush_if_due();
  }
  /// In memory until the matches are known, and never written: it is what a face is recognised by.
  Result<void> on(TrackVector& seen) {
    if (!found_ || over() || !dependencies_.job.job.search || people_.size() >= kMaxTracks) return nonsense();
    if (!people_.empty() && (people_.back().track >= seen.track || people_.back().model != seen.model)) {
      return nonsense();
    }
    people_.push_back(std::move(seen));
    return {};
  }
  Result<void> on(Advance& advance) {
    if (!found_ || over() || advance.frames < frames_) return nonsense();
    count(advance.frames);
    return flush_if_due();
  }
  Result<void> on(Finished& finished) {
    if (!found_ || over() || finished.frames < frames_) return nonsense();
    count(finished.frames);
    finished_ = std::move(finished);
    return {};
  }
  Result<void> on(GivenUp& given_up) {
    if (over()) return nonsense();
    given_up_ = std::move(given_up);
    return {};
  }

  void count(std::int64_t frames) {
    dependencies_.frames += frames - frames_;
    frames_ = frames;
  }
  Result<void> flush_if_due() {
    const auto now = SteadyClock::now();
    if (held_faces_ < kFacesAtOnce && now - last_reported_ < kReportEvery) return {};
    last_reported_ = now;
    return flush();
  }
  Result<void> flush() {
    const Job& job = dependencies_.job.job;
    position_ =
        TRY(dependencies_.store.add(job, position_, held_, {frames_, std::max(frames_, found_->frames)}));
    held_.clear();
    held_faces_ = 0;
    return {};
  }
  /// nullopt on a request to stop.
  Result<std::optional<TrackMatches>> find_people() const;
  static Result<void> nonsense() {
    return fail(ErrorKind::corrupt, "a worker's records come in an order that makes no sense");
  }

  const AttemptDependencies& dependencies_;
  bool greeted_ = false;
  std::optional<ClipFound> found_;
  std::optional<Finished> finished_;
  std::optional<GivenUp> given_up_;
  std::int64_t frames_ = 0;
  std::int64_t position_ = 0;
  std::int64_t last_timestamp_ = 0;
  std::vector<FrameSample> held_;
  std::size_t held_faces_ = 0;
  std::vector<TrackVector> people_;
  SteadyClock::time_point last_reported_;
};

Result<std::optional<TrackMatches>> Listener::find_people() const {
  const Job& job = dependencies_.job.job;
  TrackMatches matches;
  if (!job.search) return matches;
  const collections::Tenant tenant{job.account, job.region};
  TRY(dependencies_.search.check(tenant, *job.search));
  for (const TrackVector& person : people_) {
    if (dependencies_.stop) return std::nullopt;
    auto found = TRY(dependencies_.search.search(tenant, *job.search, person, kMostMatches));
    if (!found.empty()) matches.emplace(person.track, std::move(found));
  }
  return matches;
}

Result<AttemptResult> Listener::settle() {
  if (given_up_) {
    const Error& error = given_up_->error;
    // What is no fault of the clip may go better another time.
    if (error.kind == ErrorKind::internal || error.kind == ErrorKind::io) {
      return AttemptResult{AttemptEnd::crashed, "gave up: " + error.message};
    }
    TRY(dependencies_.store.fail_job(dependencies_.job, error.message));
    return AttemptResult{};
  }
  TRY(flush());
  auto matches = find_people();
  if (!matches) {
    const Error& error = matches.error();
    // The collection's fault, which another attempt does not fix.
    if (error.kind != ErrorKind::not_found && error.kind != ErrorKind::unsupported) {
      return std::unexpected(error);
    }
    TRY(dependencies_.store.fail_job(dependencies_.job, error.message));
    return AttemptResult{};
  }
  if (!*matches) return AttemptResult{AttemptEnd::stopped, ""};
  TRY(dependencies_.store.succeed(dependencies_.job, *found_, *finished_, **matches));
  return AttemptResult{AttemptEnd::settled, "", true};
}

AttemptResult crashed(std::string what) {
  return {AttemptEnd::crashed, std::move(what)};
}

/// It has closed its pipe; how it ended is the better word.
AttemptResult gone(Worker& worker) {
  std::string how = worker.end(kPatience);
  return crashed(how.empty() ? "ended too early" : std::move(how));
}

}  // namespace

Result<AttemptResult> attend(Worker& worker, const AttemptDependencies& dependencies) {
  Listener listener(dependencies);
  RecordReader reader;
  std::array<std::uint8_t, 64 * 1024> buffer;
  auto heard = SteadyClock::now();
  while (true) {
    if (dependencies.stop) {
      worker.end({});
      return AttemptResult{AttemptEnd::stopped, ""};
    }
    if (SteadyClock::now() - heard > dependencies.quiet) return crashed("said nothing for too long");
    const auto count = process::read_within(worker.records(), buffer, kLookAtStopEvery);
    if (!count) return crashed("could not be heard");
    if (!*count) continue;
    if (**count == 0) break;
    reader.feed(std::span(buffer).first(**count));
    while (true) {
      auto record = reader.next();
      if (!record) return crashed("said what cannot be read");
      if (!*record) break;
      heard = SteadyClock::now();
      if (auto taken = listener.take(std::move(**record)); !taken) {
        if (taken.error().kind == ErrorKind::corrupt) return crashed("spoke nonsense");
        return std::unexpected(std::move(taken).error());
      }
    }
    if (listener.over()) return listener.settle();  // what is left of the worker is ended with it
  }
  return gone(worker);
}

}  // namespace sightline::jobs
