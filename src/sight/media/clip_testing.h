#pragma once
// For tests: clips made with the ffmpeg program, and what it says of clips.

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

// What ffmpeg makes small clips of.
inline constexpr const char* kPicture = "-f lavfi -i testsrc2=s=96x64:r=25:d=1";
inline constexpr const char* kTone = "-f lavfi -i sine=r=44100:d=1";

/// A folder of its own for one test, removed with all it holds.
class ClipFolder {
 public:
  ClipFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sightline-clips-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ClipFolder(const ClipFolder&) = delete;
  ClipFolder& operator=(const ClipFolder&) = delete;
  ~ClipFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The command's output, standard error included where the command says so.
inline std::string shell(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return "popen failed";
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    output.append(buffer.data(), n);
  }
  const int status = ::pclose(pipe);
  EXPECT_EQ(status, 0) << command << "\n" << output;
  return output;
}

inline std::string ffmpeg(const std::string& arguments) {
  return shell("ffmpeg -nostdin -v error -y " + arguments + " 2>&1");
}

/// What ffprobe says of `entries`, a line for each.
inline std::string probe(const std::string& file, const std::string& entries) {
  return shell("ffprobe -v error -show_entries " + entries + " -of compact " + file);
}

/// A folder for the whole test program, removed at its end.
inline const std::filesystem::path& clip_folder() {
  static const ClipFolder folder;
  return folder.path();
}

/// What `command` prints, run by the shell in the clip folder.
inline std::string output_of(const std::string& command) {
  return shell("cd '" + clip_folder().string() + "' && " + command);
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
