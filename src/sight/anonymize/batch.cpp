#include "sight/anonymize/batch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "base/ascii.h"
#include "base/descriptor.h"
#include "base/file.h"

namespace sightline::anonymize {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kMark = ".blurred";

bool is_output_name(const fs::path& path) {
  return path.stem().string().ends_with(kMark);
}

/// The first bytes of a regular file; none where it cannot be read, which its job reports.
Bytes head_of(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return {};
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  Bytes head(media::kFileHead);
  const ssize_t n = file.get() < 0 ? 0 : ::read(file.get(), head.data(), head.size());
  head.resize(static_cast<std::size_t>(std::max<ssize_t>(0, n)));
  return head;
}

bool is_text(std::span<const std::uint8_t> head) {
  return std::ranges::all_of(head,
                             [](std::uint8_t c) { return c >= 0x20 || c == '\n' || c == '\r' || c == '\t'; });
}

/// A file of TypeScript bears the ending of a transport stream.
bool is_source_code(const fs::path& path, std::span<const std::uint8_t> head) {
  const std::string ending = to_lower(path.extension().string());
  return (ending == ".ts" || ending == ".mts") && !head.empty() && is_text(head);
}

media::FileKind kind_of(const fs::path& path, std::span<const std::uint8_t> head) {
  const media::FileKind kind = media::file_kind(head);
  return kind == media::FileKind::other ? media::file_kind(path) : kind;
}

/// A file and where its output goes: `folder`/STEM`mark`.EXT.
BatchJob job_for(const fs::path& input, std::span<const std::uint8_t> head, const fs::path& folder,
                 std::string_view mark) {
  const std::string name = input.stem().string() + std::string(mark) + media::output_ending(input, head);
  return {input, folder / name, kind_of(input, head)};
}

/// Finds what a folder holds; `root` is where the outputs go, and is left out where it lies inside.
class Walk {
 public:
  Walk(fs::path folder, fs::path root, Batch& batch)
      : folder_(std::move(folder)), root_(std::move(root)), batch_(batch) {}

  void run() {
    std::vector<fs::path> folders = {fs::path()};
    while (!folders.empty()) {
      const fs::path relative = std::move(folders.back());
      folders.pop_back();
      read(relative, folders);
    }
    std::ranges::sort(files_);
    for (const fs::path& file : files_) {
      const Bytes head = head_of(folder_ / file);
      if (kind_of(file, head) == media::FileKind::other || is_source_code(file, head)) continue;
      batch_.jobs.push_back(job_for(folder_ / file, head, root_ / file.parent_path(), ""));
    }
  }

 private:
  void read(const fs::path& relative, std::vector<fs::path>& folders) {
    std::error_code failed;
    for (fs::directory_iterator it(folder_ / relative, failed), end; !failed && it != end;
         it.increment(failed)) {
      look_at(*it, relative / it->path().filename(), folders);
    }
    if (failed)
      leave_out(folder_ / relative,
                system_error("read the folder", folder_ / relative, failed.value()).message);
  }

  void look_at(const fs::directory_entry& entry, const fs::path& relative, std::vector<fs::path>& folders) {
    const fs::path name = relative.filename();
    if (name.string().starts_with('.')) return;
    std::error_code ignored;
    if (entry.is_directory(ignored)) {
      if (fs::equivalent(entry.path(), root_, ignored)) return;
      if (!entry.is_symlink(ignored)) return folders.push_back(relative);
      return leave_out(entry.path(),
                       fmt::format("'{}' is a link to a folder, which is not followed; name that "
                                   "folder as an input of its own",
                                   entry.path().string()));
    }
    if (is_output_name(name) || media::is_sound_name(name)) return;
    if (entry.is_regular_file(ignored)) return files_.push_back(relative);
    if (media::file_kind(name) == media::FileKind::other) return;
    leave_out(entry.path(),
              fmt::format("'{}' cannot be read: it is no file, or a link to none", entry.path().string()));
  }

  void leave_out(fs::path path, std::string why) {
    batch_.left_out.push_back({std::move(path), std::move(why), media::FileKind::other});
  }

  fs::path folder_;
  fs::path root_;
  Batch& batch_;
  std::vector<fs::path> files_;  ///< relative to the folder
};

Result<std::vector<fs::path>> expand(const std::string& argument) {
  std::error_code ignored;
  if (fs::exists(argument, ignored) || argument.find_first_of("*?[") == std::string::npos)
    return std::vector<fs::path>{argument};
  glob_t found{};
  const int status = ::glob(argument.c_str(), 0, nullptr, &found);
  std::vector<fs::path> paths(found.gl_pathv, found.gl_pathv + (status == 0 ? found.gl_pathc : 0));
  ::globfree(&found);
  std::erase_if(paths, is_output_name);
  if (paths.empty())
    return fail(ErrorKind::invalid_argument,
                fmt::format("nothing matches '{}'; check the pattern", argument));
  return paths;
}

/// Identifies files by where they lie, whatever path leads there: links to folders are followed, one that is
/// the file itself is not, since it has a name of its own.
class Places {
 public:
  fs::path of(const fs::path& file) {
    fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    const auto [known, fresh] = folders_.try_emplace(std::move(folder));
    if (fresh) known->second = real(known->first);
    return known->second / file.filename();
  }

 private:
  static fs::path real(const fs::path& folder) {
    std::error_code failed;
    fs::path place = fs::weakly_canonical(fs::absolute(folder, failed), failed);
    return failed ? folder.lexically_normal() : place;
  }
  std::map<fs::path, fs::path> folders_;
};

/// Each input once, however often and by whatever path it was named. All that would be written to one output
/// are left out: which of them it shows would depend on their order.
void leave_out_collisions(Batch& batch) {
  Places places;
  std::set<fs::path> inputs;
  std::erase_if(batch.jobs, [&](const BatchJob& job) { return !inputs.insert(places.of(job.input)).second; });
  std::map<fs::path, std::vector<const BatchJob*>> by_output;
  std::set<const BatchJob*> again;
  for (const BatchJob& job : batch.jobs) {
    std::vector<const BatchJob*>& others = by_output[places.of(job.output)];
    const bool known = std::ranges::any_of(others, [&](const BatchJob* other) {
      std::error_code ignored;
      return fs::equivalent(job.input, other->input, ignored);  // a link to it, or another name of it
    });
    if (known) {
      again.insert(&job);
    } else {
      others.push_back(&job);
    }
  }
  const auto rivals = [&](const BatchJob& job) -> const std::vector<const BatchJob*>& {
    return by_output.at(places.of(job.output));
  };
  std::vector<BatchJob> alone;
  for (const BatchJob& job : batch.jobs) {
    if (again.contains(&job)) continue;
    if (rivals(job).size() == 1) {
      alone.push_back(job);
      continue;
    }
    const BatchJob& other = *rivals(job)[rivals(job).front() == &job ? 1 : 0];
    batch.left_out.push_back(
        {job.input,
         fmt::format("'{}' and '{}' would both be written to '{}'; rename one of them, or run them one at "
                     "a time, each with its own -o",
                     job.input.string(), other.input.string(), job.output.string()),
         job.kind});
  }
  batch.jobs = std::move(alone);
}

/// Whether an output is a file that is there, or has the ending of one and is no folder yet.
bool names_a_file(const std::string& output) {
  std::error_code ignored;
  if (output.empty() || output.ends_with('/') || fs::is_directory(output, ignored)) return false;
  return fs::exists(output, ignored) || media::file_kind(fs::path(output)) != media::FileKind::other ||
         media::is_sound_name(output);
}

}  // namespace

Result<Batch> plan_batch(const std::vector<std::string>& inputs, const std::string& output) {
  std::vector<fs::path> paths;
  for (const std::string& input : inputs) {
    const auto expanded = TRY(expand(input));
    paths.insert(paths.end(), expanded.begin(), expanded.end());
  }
  std::error_code ignored;
  Batch batch;
  batch.several = paths.size() > 1 || (paths.size() == 1 && fs::is_directory(paths.front(), ignored));
  if (batch.several && names_a_file(output)) {
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("-o must be a folder for several inputs; '{}' names a file (end it with a / if it "
                    "is to be a folder)",
                    output));
  }
  const bool into_folder =
      !output.empty() && (batch.several || output.ends_with('/') || fs::is_directory(output, ignored));
  for (const fs::path& path : paths) {
    if (!fs::is_directory(path, ignored)) {
      BatchJob job = job_for(path, head_of(path), into_folder ? fs::path(output) : path.parent_path(),
                             into_folder ? "" : kMark);
      if (!output.empty() && !into_folder) job.output = output;
      batch.jobs.push_back(std::move(job));
      continue;
    }
    const fs::path folder = path.has_filename() ? path : path.parent_path();
    fs::path root = output;
    if (output.empty()) {
      root = folder;
      root += kMark;
    }
    Walk(folder, root, batch).run();
  }
  if (batch.jobs.empty() && batch.left_out.empty()) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' holds no picture and no clip", inputs.front()));
  }
  batch.into_folders = batch.several || into_folder;
  leave_out_collisions(batch);
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
