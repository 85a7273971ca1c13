#include "app/cli/time_left.h"

#include <algorithm>

namespace sightline::cli {
namespace {

constexpr double kWindow = 15;            // seconds
constexpr double kBetweenSamples = 0.25;  // seconds
constexpr double kLeastSpan = 5;          // seconds of progress before the first figure
constexpr std::int64_t kLeastUnits = 24;  // done in that time
constexpr double kLongEnough = 60;        // seconds after which an unsteady pace counts as well
constexpr double kMostDifference = 1.4;   // of the paces of the window's halves, for the first figure
constexpr double kSmoothing = 0.1;        // weight of a new sample's pace: some 2.5 s of memory

}  // namespace

double TimeLeft::pace(const Sample& from, const Sample& to) {
  return static_cast<double>(to.done - from.done) / std::max(1e-9, to.seconds - from.seconds);
}

/// Whether the window is long enough, and its halves went at about the same pace, or have not for long.
bool TimeLeft::steady() const {
  const Sample& first = samples_.front();
  const Sample& last = samples_.back();
  if (last.seconds - first.seconds < kLeastSpan) return false;
  if (last.seconds - begin_ >= kLongEnough) return true;
  if (last.done - first.done < kLeastUnits) return false;
  const double middle = (first.seconds + last.seconds) / 2;
  const auto half = std::ranges::lower_bound(samples_, middle, {}, &Sample::seconds);
  const double before = pace(first, *half);
  const double after = pace(*half, last);
  return before > 0 && after > 0 && before < kMostDifference * after && after < kMostDifference * before;
}

void TimeLeft::note(double seconds, std::int64_t done) {
  if (done < last_.done) *this = {};
  if (samples_.empty()) begin_ = seconds;
  last_ = {seconds, done};
  if (!samples_.empty() && seconds - samples_.back().seconds < kBetweenSamples) return;
  samples_.push_back(last_);
  while (rate_ && samples_.size() > 2 && seconds - samples_[1].seconds >= kWindow) samples_.pop_front();
  if (!rate_ && !steady()) {
    // What happened before the pace settled says nothing of what comes.
    while (samples_.size() > 2 && seconds - samples_[1].seconds >= kLeastSpan &&
           done - samples_[1].done >= kLeastUnits) {
      samples_.pop_front();
    }
    return;
  }
  const double now = pace(samples_.front(), last_);
  rate_ = rate_ ? *rate_ + kSmoothing * (now - *rate_) : now;
}

std::optional<double> TimeLeft::rate() const {
  return rate_;
}

std::optional<double> TimeLeft::left(std::int64_t total) const {
  if (!rate_ || *rate_ <= 0 || total <= 0 || last_.done > total) return std::nullopt;
  return static_cast<double>(total - last_.done) / *rate_;
}

}  // namespace sightline::cli
