#include "sight/anonymize/done_record.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <utility>

#include "base/descriptor.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/whole_number.h"

namespace sightline::anonymize {
namespace fs = std::filesystem;
namespace {

fs::path record_folder(const fs::path& output) {
  return output.has_parent_path() ? output.parent_path() : fs::path(".");
}

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

}  // namespace

Result<FileStamp> FileStamp::of(const fs::path& file) {
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) return std::unexpected(system_error("read", file, errno));
  return FileStamp{static_cast<std::uint64_t>(info.st_size),
                   std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
}

DoneRecord::Lines& DoneRecord::lines_of(const fs::path& folder) {
  const auto [known, fresh] = folders_.try_emplace(folder);
  if (!fresh) return known->second;
  std::ifstream file(folder / kDoneRecord, std::ios::binary);
  for (std::string text; std::getline(file, text);) {
    std::istringstream words(text);
    std::string name;
    std::string input;
    std::string rest;
    Line line;
    words >> name >> line.output.bytes >> line.output.changed_ns >> input >> line.source.stamp.bytes >>
        line.source.stamp.changed_ns >> line.source.sha256 >> line.settings;
    // What a crash cut off is as good as never written: its output does not count as done.
    if (!words || words >> rest) continue;
    const auto output = decoded_name(name);
    const auto source = decoded_name(input);
    if (!output || !source) continue;
    line.source.input = *source;
    known->second.insert_or_assign(*output, std::move(line));
  }
  return known->second;
}

Result<OutputSource> DoneRecord::find(const fs::path& input, const fs::path& output) {
  const fs::path folder = record_folder(output);
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorKind::already_exists,
                fmt::format("'{}' exists already{}; use --force to replace it, or -o for another folder",
                            output.string(), why));
  };
  const FileStamp now = TRY(FileStamp::of(input));
  const FileStamp there = TRY(FileStamp::of(output));
  const Lines& lines = lines_of(folder);
  const auto found = lines.find(output.filename().string());
  if (found == lines.end()) {
    return refuse(fmt::format(", and nothing tells that it was made from '{}'", input.string()));
  }
  const Line& line = found->second;
  OutputSource source = line.source;
  source.input = (folder / line.source.input).lexically_normal();
  if (there != line.output) {
    return refuse(fmt::format(" and was changed since it was made from '{}'", source.input.string()));
  }
  const bool same_name = path_from(folder, input) == line.source.input;
  const bool same = same_name && now == line.source.stamp;
  if (!same && (now.bytes != line.source.stamp.bytes || TRY(sha256_file(input)) != line.source.sha256)) {
    return refuse(same_name ? fmt::format(" and was made from '{}' before that changed", input.string())
                            : fmt::format(" and was made from '{}', not from '{}'", source.input.string(),
                                          input.string()));
  }
  if (line.settings != settings_) {
    return refuse(fmt::format(" and was made from '{}' with other settings", input.string()));
  }
  return source;
}

Result<void> DoneRecord::add(const fs::path& made, const fs::path& output, const OutputSource& source) {
  const fs::path folder = record_folder(output);
  const fs::path path = folder / kDoneRecord;
  const Line line{
      TRY(FileStamp::of(made)), {path_from(folder, source.input), source.stamp, source.sha256}, settings_};
  // No link is followed: one that was planted here would lead the names elsewhere.
  const Descriptor file(
      ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (file.get() < 0) return std::unexpected(system_error("write", path, errno));
  const off_t size = ::lseek(file.get(), 0, SEEK_END);
  char last = '\n';
  const bool cut_off = size > 0 && ::pread(file.get(), &last, 1, size - 1) == 1 && last != '\n';
  const std::string name = output.filename().string();
  const std::string text =
      fmt::format("{}{} {} {} {} {} {} {} {}\n", cut_off ? "\n" : "", encoded_name(name), line.output.bytes,
                  line.output.changed_ns, encoded_name(line.source.input.string()), line.source.stamp.bytes,
                  line.source.stamp.changed_ns, line.source.sha256, line.settings);
  TRY(write_all(file.get(), {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, path));
  if (::fdatasync(file.get()) != 0) return std::unexpected(system_error("write", path, errno));
  lines_of(folder).insert_or_assign(name, line);
  return {};
}

}  // namespace sightline::anonymize
