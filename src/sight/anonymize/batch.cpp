#include "sight/anonymize/batch.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/ascii.h"

namespace sightline::anonymize {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 17> kEndings = {".jpg", ".jpeg", ".jpe", ".png",  ".webp", ".mp4",
                                                       ".m4v", ".mov",  ".mkv", ".webm", ".avi",  ".ts",
                                                       ".mts", ".m2ts", ".mpg", ".mpeg", ".gif"};
constexpr std::string_view kMark = ".blurred";

std::string lower_ending(const fs::path& path) {
  return to_lower(path.extension().string());
}

bool is_media_name(const fs::path& path) {
  const std::string name = path.filename().string();
  return !name.starts_with('.') && !path.stem().string().ends_with(kMark) &&
         std::find(kEndings.begin(), kEndings.end(), lower_ending(path)) != kEndings.end();
}

fs::path output_name(const fs::path& input, std::string_view mark) {
  const std::string ending = lower_ending(input) == ".avi" ? ".mkv" : input.extension().string();
  return input.stem().string() + std::string(mark) + ending;
}

/// The media files below `folder`, relative to it, sorted. `output` inside it is left out.
std::vector<fs::path> walk(const fs::path& folder, const fs::path& output) {
  std::vector<fs::path> files;
  std::error_code failed;
  const auto options = fs::directory_options::skip_permission_denied;
  for (auto it = fs::recursive_directory_iterator(folder, options, failed);
       it != fs::recursive_directory_iterator(); it.increment(failed)) {
    if (failed) break;
    std::error_code ignored;
    if (it->is_directory(ignored)) {
      const bool skip =
          it->path().filename().string().starts_with('.') || fs::equivalent(it->path(), output, ignored);
      if (skip) it.disable_recursion_pending();
    } else if (is_media_name(it->path()) && it->is_regular_file(ignored)) {
      files.push_back(it->path().lexically_relative(folder));
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::vector<fs::path>> expand(const std::string& argument) {
  std::error_code ignored;
  if (fs::exists(argument, ignored) || argument.find_first_of("*?[") == std::string::npos)
    return std::vector<fs::path>{argument};
  glob_t found{};
  const int status = ::glob(argument.c_str(), 0, nullptr, &found);
  std::vector<fs::path> paths(found.gl_pathv, found.gl_pathv + (status == 0 ? found.gl_pathc : 0));
  ::globfree(&found);
  std::erase_if(paths, [](const fs::path& path) { return path.stem().string().ends_with(kMark); });
  if (paths.empty())
    return fail(ErrorKind::invalid_argument,
                fmt::format("nothing matches '{}'; check the pattern", argument));
  return paths;
}

bool is_done(const BatchJob& job) {
  std::error_code failed;
  const auto written = fs::last_write_time(job.output, failed);
  if (failed || fs::file_size(job.output, failed) == 0) return false;
  const auto made = fs::last_write_time(job.input, failed);
  return !failed && written >= made;
}

Result<void> check_collisions(const Batch& batch) {
  std::map<fs::path, fs::path> seen;
  for (const BatchJob& job : batch.jobs) {
    const auto [other, fresh] = seen.emplace(job.output.lexically_normal(), job.input);
    if (fresh) continue;
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' and '{}' would both be written to '{}'; process them with different -o",
                            other->second.string(), job.input.string(), job.output.string()));
  }
  return {};
}

}  // namespace

Result<Batch> plan_batch(const std::vector<std::string>& inputs, const std::string& output,
                         Finished finished) {
  std::vector<fs::path> paths;
  for (const std::string& input : inputs) {
    const auto expanded = TRY(expand(input));
    paths.insert(paths.end(), expanded.begin(), expanded.end());
  }
  std::error_code ignored;
  Batch batch;
  batch.several = paths.size() > 1 || (paths.size() == 1 && fs::is_directory(paths.front(), ignored));
  const bool into_folder =
      !output.empty() && (batch.several || output.ends_with('/') || fs::is_directory(output, ignored));
  for (const fs::path& path : paths) {
    if (!fs::is_directory(path, ignored)) {
      const fs::path beside = path.parent_path() / output_name(path, kMark);
      batch.jobs.push_back({path, output.empty() ? beside
                                  : into_folder  ? fs::path(output) / output_name(path, "")
                                                 : fs::path(output)});
      continue;
    }
    const fs::path folder = path.has_filename() ? path : path.parent_path();
    fs::path root = output;
    if (output.empty()) {
      root = folder;
      root += kMark;
    }
    for (const fs::path& file : walk(folder, root)) {
      batch.jobs.push_back({folder / file, root / file.parent_path() / output_name(file, "")});
    }
  }
  if (batch.jobs.empty()) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' holds no picture and no clip", inputs.front()));
  }
  TRY(check_collisions(batch));
  if (!batch.several || finished == Finished::redo) return batch;
  const auto first_done = std::stable_partition(batch.jobs.begin(), batch.jobs.end(),
                                                [](const BatchJob& job) { return !is_done(job); });
  batch.done.assign(first_done, batch.jobs.end());
  batch.jobs.erase(first_done, batch.jobs.end());
  return batch;
}

Result<void> check_output(const fs::path& input, const fs::path& output, bool replace) {
  std::error_code ignored;
  if (!fs::exists(output, ignored)) return {};
  if (fs::equivalent(input, output, ignored)) {
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("input and output are the same file '{}'; name another output with -o", input.string()));
  }
  if (!replace) {
    return fail(ErrorKind::already_exists,
                fmt::format("'{}' exists already; use --force to replace it or -o for another name",
                            output.string()));
  }
  return {};
}

}  // namespace sightline::anonymize
