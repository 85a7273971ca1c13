#include "app/cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/words.h"

namespace sightline::cli {
namespace {

std::string clock_text(double seconds) {
  const auto whole = std::llround(seconds);
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

int terminal_columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string bar(double share, int width) {
  const int filled = std::clamp(static_cast<int>(share * width), 0, width);
  std::string text;
  for (int i = 0; i < width; ++i) text += i < filled ? "█" : "░";
  return text;
}

}  // namespace

ProgressStyle default_progress_style() {
  return ::isatty(STDERR_FILENO) != 0 ? ProgressStyle::bar : ProgressStyle::lines;
}

void ProgressMeter::update(std::int64_t done, std::int64_t total) {
  if (style_ == ProgressStyle::quiet) return;
  const Clock::time_point now = Clock::now();
  pace_.note(std::chrono::duration<double>(now - start_).count(), done);
  const auto pause = style_ == ProgressStyle::bar ? std::chrono::milliseconds(100) : std::chrono::seconds(10);
  if (now - last_ < pause) return;
  last_ = now;
  const bool known = total > 0 && done <= total;
  const double share = known ? static_cast<double>(done) / static_cast<double>(total) : 0;
  const std::string figures = figures_of(done, known ? total : 0);
  if (style_ == ProgressStyle::lines) {
    fmt::print(stderr, "{}: {}\n", name_, figures);
    return;
  }
  const int room = terminal_columns() - static_cast<int>(figures.size()) - 4;
  std::string name = name_;
  if (static_cast<int>(name.size()) > room / 2)
    name = name.substr(0, static_cast<std::size_t>(std::max(0, room / 2)));
  const int width = std::min(30, room - static_cast<int>(name.size()) - 2);
  draw(known && width >= 5 ? fmt::format("{}  {}  {}", name, bar(share, width), figures)
                           : fmt::format("{}  {}", name, figures));
}

/// "120 of 250 frames (48%), 31 frames/s, 0:04 left": what is not known yet is left out.
std::string ProgressMeter::figures_of(std::int64_t done, std::int64_t total) const {
  const std::int64_t percent = total > 0 ? 100 * done / total : 0;
  std::string text;
  if (unit_.empty()) {
    text = fmt::format("{}%", percent);
  } else if (total > 0) {
    text = fmt::format("{} of {} ({}%)", done, counted(total, unit_), percent);
  } else {
    text = counted(done, unit_);
  }
  if (const auto rate = pace_.rate(); rate && !unit_.empty()) {
    text += *rate < 10 ? fmt::format(", {:.1f} {}s/s", *rate, unit_)
                       : fmt::format(", {:.0f} {}s/s", *rate, unit_);
  }
  if (const auto left = pace_.left(total)) text += fmt::format(", {} left", clock_text(*left));
  return text;
}

void ProgressMeter::stage(const std::string& text) {
  if (style_ == ProgressStyle::bar) draw(fmt::format("{}  {}", name_, text));
}

void ProgressMeter::draw(const std::string& text) {
  fmt::print(stderr, "\r\033[2K{}", text);
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressMeter::clear() {
  if (!drawn_) return;
  fmt::print(stderr, "\r\033[2K");
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace sightline::cli
