#include "sight/anonymize/done_record.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <ranges>
#include <span>
#include <sstream>
#include <string_view>
#include <thread>
#include <utility>

#include "base/descriptor.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/sha256.h"
#include "base/whole_number.h"

namespace sightline::anonymize {
namespace fs = std::filesystem;
namespace {

/// Blanks and control characters separate what the record holds.
std::string encoded_name(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == '%' || byte == 0x7F) {
      text += fmt::format("%{:02X}", byte);
    } else {
      text += c;
    }
  }
  return text;
}

std::optional<std::string> decoded_name(std::string_view text) {
  std::string name;
  for (; !text.empty(); text.remove_prefix(1)) {
    if (text.front() != '%') {
      name += text.front();
      continue;
    }
    const auto byte = parse_whole<unsigned char>(text.substr(1, 2), 16);
    if (!byte || text.size() < 3) return std::nullopt;
    name += static_cast<char>(*byte);
    text.remove_prefix(2);
  }
  return name;
}

/// The path from `folder` to `file`, wherever either lies.
fs::path path_from(const fs::path& folder, const fs::path& file) {
  std::error_code failed;
  fs::path relative = fs::proximate(fs::absolute(file, failed).lexically_normal(),
                                    fs::absolute(folder, failed).lexically_normal(), failed);
  return failed ? file : relative;
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileStamp stamp_of(const struct stat& info) {
  return {static_cast<std::uint64_t>(info.st_size), nanoseconds(info.st_mtim), nanoseconds(info.st_ctim),
          info.st_ino};
}

/// No link is followed, one that was planted here would lead elsewhere; and a pipe is not waited for.
Result<Descriptor> open_record(const fs::path& path, int flags) {
  Descriptor file(::open(path.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600));
  struct stat info{};
  if (file.get() < 0 && errno == ELOOP) {
    return fail(ErrorKind::io, fmt::format("'{}' is a link; remove it", path.string()));
  }
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0) {
    const bool special = errno == ENXIO || errno == EISDIR;
    if (!special) return std::unexpected(system_error("open", path, errno));
    return fail(ErrorKind::io, fmt::format("'{}' is no file; remove it", path.string()));
  }
  if (!S_ISREG(info.st_mode)) {
    return fail(ErrorKind::io, fmt::format("'{}' is no file; remove it", path.string()));
  }
  if (static_cast<std::uint64_t>(info.st_size) > kMostRecord) {
    return fail(ErrorKind::io, fmt::format("'{}' has {} bytes, more than any run writes; remove it",
                                           path.string(), info.st_size));
  }
  return file;
}

/// The record's whole text as it is now.
Result<std::string> record_text(int record, const fs::path& path) {
  struct stat info{};
  if (::fstat(record, &info) != 0) return std::unexpected(system_error("read", path, errno));
  std::string text(std::min<std::uint64_t>(kMostRecord, static_cast<std::uint64_t>(info.st_size)), '\0');
  std::size_t used = 0;
  while (used < text.size()) {
    const ssize_t n = ::pread(record, text.data() + used, text.size() - used, static_cast<off_t>(used));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(system_error("read", path, errno));
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
  }
  text.resize(used);
  return text;
}

/// Waits a second for other runs. False where it cannot be had, as on file systems without locks.
bool lock_record(int record) {
  constexpr int kTries = 50;
  for (int i = 0; i < kTries; ++i) {
    if (::flock(record, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

/// Whether the open file is still the one that bears the name.
bool bears_name(int file, const fs::path& path) {
  struct stat opened{};
  struct stat named{};
  return ::fstat(file, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

/// The record to append to, with the lock where one can be had: another run may have put a tidied one in its
/// place before the lock was there.
Result<std::pair<Descriptor, bool>> record_to_append(const fs::path& path) {
  while (true) {
    Descriptor file = TRY(open_record(path, O_RDWR | O_APPEND | O_CREAT));
    const bool locked = lock_record(file.get());
    if (!locked || bears_name(file.get(), path)) return std::pair(std::move(file), locked);
  }
}

}  // namespace

Result<FileStamp> FileStamp::of(const fs::path& file) {
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) return std::unexpected(system_error("read", file, errno));
  return stamp_of(info);
}

/// Nothing for what a crash cut off, which is as good as never written: its output does not count as done.
std::optional<std::pair<std::string, DoneRecord::Line>> DoneRecord::parse(const std::string& text) {
  std::istringstream words(text);
  std::string name;
  std::string input;
  std::string damage;
  std::string rest;
  Line line;
  FileStamp& stamp = line.source.stamp;
  words >> name >> line.output.bytes >> line.output.changed_ns >> input >> stamp.bytes >> stamp.changed_ns >>
      stamp.status_ns >> stamp.inode >> line.source.sha256 >> damage >> line.settings;
  if (!words || words >> rest) return std::nullopt;
  auto output = decoded_name(name);
  const auto source = decoded_name(input);
  const auto harm = decoded_name(damage);
  if (!output || !source || !harm) return std::nullopt;
  line.source.input = *source;
  if (damage != "-") line.source.damage = *harm;
  return std::pair(std::move(*output), std::move(line));
}

std::string DoneRecord::text_of(const std::string& name, const Line& line) {
  const OutputSource& source = line.source;
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {}\n", encoded_name(name), line.output.bytes,
                     line.output.changed_ns, encoded_name(source.input.string()), source.stamp.bytes,
                     source.stamp.changed_ns, source.stamp.status_ns, source.stamp.inode, source.sha256,
                     source.damage.empty() ? "-" : encoded_name(source.damage), line.settings);
}

Result<DoneRecord::Lines> DoneRecord::read_lines(int record, const fs::path& path) {
  const std::string text = TRY(record_text(record, path));
  Lines lines;
  for (const auto& part : std::views::split(text, '\n')) {
    const std::string_view line(part.begin(), part.end());
    if (line.size() > kLongestRecordLine) {
      return fail(ErrorKind::io, fmt::format("'{}' has a line that no run wrote; remove it", path.string()));
    }
    if (auto parsed = parse(std::string(line))) lines[parsed->first].push_back(std::move(parsed->second));
  }
  return lines;
}

DoneRecord::Folder& DoneRecord::read_folder(const fs::path& folder) {
  const fs::path path = folder / kDoneRecord;
  Folder& known = folders_[folder];
  known = {};
  const auto read = [&]() -> Result<void> {
    const Descriptor file = TRY(open_record(path, O_RDONLY));
    struct stat info{};
    if (::fstat(file.get(), &info) == 0) known.read = stamp_of(info);
    known.lines = TRY(read_lines(file.get(), path));
    return {};
  };
  if (const auto done = read(); !done && done.error().kind != ErrorKind::not_found) {
    std::string warning =
        fmt::format("{}; outputs that are there already count as unknown", done.error().message);
    if (std::ranges::find(warned_, warning) == warned_.end()) {
      warned_.push_back(warning);
      warnings_.push_back(std::move(warning));
    }
  }
  return known;
}

std::vector<DoneRecord::Line> DoneRecord::lines_of(const fs::path& output, const FileStamp& there,
                                                   std::optional<Line>& last) {
  const fs::path folder = folder_of(output);
  const auto look = [&](const Folder& known) {
    std::vector<Line> matching;
    const auto found = known.lines.find(output.filename().string());
    if (found == known.lines.end()) return matching;
    last = found->second.back();
    std::ranges::copy_if(found->second | std::views::reverse, std::back_inserter(matching),
                         [&](const Line& line) { return there.same_size_and_time(line.output); });
    return matching;
  };
  const auto known = folders_.find(folder);
  if (known == folders_.end()) return look(read_folder(folder));
  std::vector<Line> matching = look(known->second);
  if (!matching.empty()) return matching;
  const auto now = FileStamp::of(folder / kDoneRecord);
  return !now || *now == known->second.read ? matching
                                            : look(read_folder(folder));  // another run added to it
}

Result<OutputSource> DoneRecord::find(const fs::path& input, const fs::path& output) {
  const fs::path folder = folder_of(output);
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorKind::already_exists,
                fmt::format("'{}' exists already{}; use --force to replace it, or -o for another folder",
                            output.string(), why));
  };
  const FileStamp now = TRY(FileStamp::of(input));
  const FileStamp there = TRY(FileStamp::of(output));
  std::optional<Line> last;
  const std::vector<Line> lines = lines_of(output, there, last);
  if (!last) {
    return refuse(fmt::format(", and nothing tells that it was made from '{}'", input.string()));
  }
  const auto made_from = [&](const Line& line) { return (folder / line.source.input).lexically_normal(); };
  if (lines.empty()) {
    return refuse(fmt::format(" and was changed since it was made from '{}'", made_from(*last).string()));
  }
  std::string content;  // its digest, where it had to be read
  std::string why;      // of the newest
  for (const Line& line : lines) {
    OutputSource source = line.source;
    source.input = made_from(line);
    const bool same_name = path_from(folder, input) == line.source.input;
    bool same = same_name && now == line.source.stamp;
    if (!same && now.bytes == line.source.stamp.bytes) {
      if (content.empty()) content = TRY(sha256_file(input));
      same = content == line.source.sha256;
    }
    if (same && line.settings == settings_) return source;
    if (!why.empty()) continue;
    why = same ? fmt::format(" and was made from '{}' with other settings", input.string())
          : same_name
              ? fmt::format(" and was made from '{}' before that changed", input.string())
              : fmt::format(" and was made from '{}', not from '{}'", source.input.string(), input.string());
  }
  return refuse(why);
}

/// Keeps of each output the lines that describe the file that is there, else its last line; and the last few
/// that are of today, whose files may be about to appear.
void DoneRecord::tidy(int record, const fs::path& path) {
  constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000'000;
  constexpr std::size_t kLastFew = 4;
  const auto lines = read_lines(record, path);
  if (!lines) return;
  const std::int64_t now =
      std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
  std::string text;
  for (const auto& [name, all] : *lines) {
    const auto there = FileStamp::of(path.parent_path() / name);
    const auto tells = [&](const Line& line) { return there && there->same_size_and_time(line.output); };
    const bool known = std::ranges::any_of(all, tells);
    std::string before;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool last = i + 1 == all.size();
      const bool recent = i + kLastFew >= all.size() && now - all[i].output.changed_ns < kDay;
      if (!tells(all[i]) && !recent && !(last && there && !known)) continue;
      std::string line = text_of(name, all[i]);
      if (line == before) continue;
      text += line;
      before = std::move(line);
    }
  }
  const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  (void)write_file_atomically(path, bytes, true, 0600);  // one that stays long is no harm
  tidied_[path] = text.size();
}

Result<void> DoneRecord::add(const fs::path& made, const fs::path& output, const OutputSource& source) {
  constexpr std::size_t kMostDamage = 1000;
  const fs::path folder = folder_of(output);
  const fs::path path = folder / kDoneRecord;
  const std::string name = output.filename().string();
  const Line line{
      TRY(FileStamp::of(made)),
      {path_from(folder, source.input), source.stamp, source.sha256, source.damage.substr(0, kMostDamage)},
      settings_};
  std::string text = text_of(name, line);
  if (text.size() > kLongestRecordLine) {
    return fail(ErrorKind::io, fmt::format("'{}' has too long a name", source.input.string()));
  }
  const auto [file, locked] = TRY(record_to_append(path));
  const off_t size = ::lseek(file.get(), 0, SEEK_END);
  char last = '\n';
  const bool cut_off = size > 0 && ::pread(file.get(), &last, 1, size - 1) == 1 && last != '\n';
  if (cut_off) text = fmt::format("\n{}", text);
  TRY(write_all(file.get(), {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, path));
  if (::fdatasync(file.get()) != 0) return std::unexpected(system_error("write", path, errno));
  if (const auto known = folders_.find(folder); known != folders_.end()) {
    known->second.lines[name].push_back(line);
  }
  const std::uint64_t bytes = static_cast<std::uint64_t>(size) + text.size();
  if (locked && bytes > std::max(kTidyRecord, 2 * tidied_[path])) tidy(file.get(), path);
  return {};
}

}  // namespace sightline::anonymize
