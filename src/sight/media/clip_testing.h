#pragma once
// Clips for tests, made with the ffmpeg command line tool.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "sight/media/video_reader.h"

namespace sightline::media::test {

/// A folder of its own for the whole test program, removed at exit.
inline const std::filesystem::path& clip_folder() {
  struct Folder {
    std::filesystem::path path;
    Folder() {
      std::string name = (std::filesystem::temp_directory_path() / "sightline-clips-XXXXXX").string();
      if (::mkdtemp(name.data()) == nullptr) std::abort();
      path = name;
    }
    ~Folder() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
  };
  static const Folder folder;
  return folder.path;
}

/// What `command` prints, run by the shell in the clip folder.
inline std::string output_of(const std::string& command) {
  const std::string full = "cd '" + clip_folder().string() + "' && " + command;
  std::FILE* pipe = ::popen(full.c_str(), "r");
  if (pipe == nullptr) return {};
  std::string text;
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    text.append(buffer.data(), n);
  }
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return text;
}

/// Runs ffmpeg with `arguments` (input, filters, codec) and gives the path of its output `name`.
inline std::filesystem::path make_clip(const std::string& name, const std::string& arguments) {
  output_of("ffmpeg -nostdin -v error -y " + arguments + " '" + name + "'");
  return clip_folder() / name;
}

/// A moving test pattern of `seconds` at 25 pictures a second.
inline std::string pattern(const std::string& size, const std::string& seconds) {
  return "-f lavfi -i testsrc2=size=" + size + ":rate=25:duration=" + seconds + " ";
}

inline std::vector<std::uint8_t> bytes_of_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline std::filesystem::path write_bytes(const std::string& name, const std::vector<std::uint8_t>& bytes) {
  const auto path = clip_folder() / name;
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return path;
}

/// The times of the frames that ffprobe decodes from the first video stream.
inline std::vector<std::int64_t> ffprobe_pts(const std::filesystem::path& path) {
  const std::string text = output_of(
      "ffprobe -v error -select_streams v:0 -show_entries frame=best_effort_timestamp -of csv=p=0 '" +
      path.string() + "'");
  std::vector<std::int64_t> times;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    if (!line.empty()) times.push_back(line.starts_with("N/A") ? INT64_MIN : std::stoll(line));
    at = end + 1;
  }
  return times;
}

/// A clip read from end to end.
struct ClipRead {
  VideoInfo info;
  std::vector<std::int64_t> pts;
  std::vector<VideoFrame> head;  ///< the first three frames
  std::string damage;
  std::optional<Error> error;

  [[nodiscard]] std::string message() const { return error ? error->message : std::string(); }
};

inline ClipRead read_clip(const std::filesystem::path& path, int threads = 2) {
  ClipRead result;
  auto reader = VideoReader::open(path, threads);
  if (!reader) {
    result.error = reader.error();
    return result;
  }
  result.info = reader->info();
  while (true) {
    auto frame = reader->next();
    if (!frame) result.error = frame.error();
    if (!frame || !*frame) break;
    result.pts.push_back((*frame)->pts());
    if (result.head.size() < 3) result.head.push_back(**frame);
  }
  result.damage = reader->damage();
  return result;
}

}  // namespace sightline::media::test
