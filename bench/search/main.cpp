// Search among 10 thousand, 100 thousand and a million faces: time and recall against an exact search of
// floats, memory, start, deletion.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>

#include "crowd.h"
#include "sight/collections/face_collections.h"

namespace {

using namespace sightline;
using namespace sightline::bench;
using namespace sightline::collections;
namespace fs = std::filesystem;
using Ticks = std::chrono::steady_clock;

const Tenant kTenant{"000000000000", "us-east-1"};
const VectorModel kModel{"bench", "unit"};
constexpr std::size_t kPhotosEach = 3;

double milliseconds_since(Ticks::time_point begin) {
  return std::chrono::duration<double, std::milli>(Ticks::now() - begin).count();
}

double thread_milliseconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double resident_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == "VmRSS:" && status >> kilobytes) return kilobytes / 1000;
  }
  return 0;
}

double percentile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values.at(static_cast<std::size_t>(share * static_cast<double>(values.size() - 1)));
}

/// The plain way: every float of every face.
std::vector<Neighbour> exact_search(const std::vector<FaceVector>& faces, const FaceVector& query,
                                    std::size_t count, float max_distance) {
  std::vector<std::pair<float, std::size_t>> nearest;
  float limit = max_distance * max_distance;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    std::array<float, 16> sums{};
    for (std::size_t d = 0; d < query.size(); d += sums.size()) {
      for (std::size_t k = 0; k < sums.size(); ++k) {
        const float difference = faces[i][d + k] - query[d + k];
        sums[k] += difference * difference;
      }
    }
    float sum = 0;
    for (const float part : sums) sum += part;
    if (sum > limit) continue;
    nearest.emplace_back(sum, i);
    std::ranges::push_heap(nearest);
    if (nearest.size() > count) {
      std::ranges::pop_heap(nearest);
      nearest.pop_back();
    }
    if (nearest.size() == count) limit = nearest.front().first;
  }
  std::ranges::sort(nearest);
  std::vector<Neighbour> found;
  for (const auto& [distance, i] : nearest) {
    Uuid id;
    std::memcpy(id.bytes.data(), &i, sizeof(i));
    std::ranges::reverse(id.bytes);
    found.push_back({id, std::sqrt(distance)});
  }
  return found;
}

struct Arguments {
  std::string vectors;
  std::vector<std::size_t> sizes{10'000, 100'000, 1'000'000};
  int queries = 300;
  std::string folder = fs::temp_directory_path();
  float max_distance = 0.377F;
};

/// Times are the thread's own: the machine may be busy. The two searches take turns.
void measure_search(const std::vector<FaceVector>& faces, const std::vector<FaceVector>& queries,
                    const Arguments& arguments) {
  for (const ScanKernel& kernel : scan_kernels()) {
    VectorIndex index(kernel);
    for (std::size_t i = 0; i < faces.size(); ++i) {
      Uuid id;
      std::memcpy(id.bytes.data(), &i, sizeof(i));
      std::ranges::reverse(id.bytes);
      index.append(id, *encode_vector(faces[i]));
    }
    struct Way {
      const char* name;
      std::size_t count;
      float distance;
    };
    for (const Way& way : {Way{"80 within similarity 80", 80, arguments.max_distance},
                           Way{"the 10 nearest at any distance", 10, 100.0F}}) {
      std::vector<double> own;
      std::vector<double> wall;
      std::vector<double> plain;
      std::size_t expected = 0;
      std::size_t found = 0;
      for (const FaceVector& query : queries) {
        const NeighbourQuery ask{*encode_vector(query), way.count, way.distance, {}};
        const auto begin = Ticks::now();
        const double before = thread_milliseconds();
        const auto answer = index.search(ask);
        own.push_back(thread_milliseconds() - before);
        wall.push_back(milliseconds_since(begin));
        const double middle = thread_milliseconds();
        const auto exact = exact_search(faces, query, way.count, way.distance);
        plain.push_back(thread_milliseconds() - middle);
        for (const Neighbour& one : exact) {
          ++expected;
          found += std::ranges::any_of(answer, [&](const Neighbour& other) { return other.id == one.id; });
        }
      }
      fmt::print("| {} | {} | {} | {:.2f} | {:.2f} | {:.2f} | {:.2f} | {:.5f} of {} | {:.2f} | {:.0f} |\n",
                 faces.size(), kernel.name, way.name, percentile(own, 0.5), percentile(own, 0.99),
                 percentile(wall, 0.99), percentile(own, 0.5) / percentile(plain, 0.5),
                 expected == 0 ? 1.0 : static_cast<double>(found) / static_cast<double>(expected), expected,
                 percentile(own, 0.5) * 1e6 / static_cast<double>(faces.size()),
                 static_cast<double>(index.bytes()) / static_cast<double>(faces.size()));
      std::fflush(stdout);
    }
  }
}

struct Opened {
  explicit Opened(const fs::path& folder) {
    database = std::move(open_tables(*store::stores_in_folder(folder)).value());
    collections = std::move(FaceCollections::open(*database, clock, random).value());
  }
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<FaceCollections> collections;
};

/// How long somebody else's small write takes at most while `work` runs.
template <typename Work>
double longest_wait(FaceCollections& collections, const Work& work) {
  std::atomic<bool> done = false;
  double longest = 0;
  std::jthread other([&] {
    while (!done) {
      const auto begin = Ticks::now();
      static_cast<void>(collections.tag(kTenant, "other", {{"a", "b"}}, 10));
      longest = std::max(longest, milliseconds_since(begin));
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  work();
  done = true;
  other.join();
  return longest;
}

void measure_database(const std::vector<FaceVector>& faces, const FaceVector& query,
                      const Arguments& arguments) {
  std::string name = arguments.folder + "/bench_search_XXXXXX";
  const fs::path folder = ::mkdtemp(name.data());
  std::vector<Uuid> ids;
  double adding = 0;
  {
    Opened opened(folder);
    static_cast<void>(opened.collections->create(kTenant, "other", kModel, {}).value());
    static_cast<void>(opened.collections->create(kTenant, "crowd", kModel, {}).value());
    const auto begin = Ticks::now();
    for (std::size_t i = 0; i < faces.size();) {
      std::vector<NewFace> batch(std::min<std::size_t>(1'000, faces.size() - i));
      for (NewFace& face : batch) {
        opened.random.fill(face.image.bytes);
        face.external_image_id = fmt::format("person-{}", i / kPhotosEach);
        face.vector.assign(faces[i].begin(), faces[i].end());
        ++i;
      }
      const auto added = opened.collections->add(kTenant, "crowd", kModel, batch).value();
      for (const Face& face : added) ids.push_back(face.id);
    }
    adding = milliseconds_since(begin);
  }
  const double file = static_cast<double>(fs::file_size(folder / "collections.db"));
  const double before = resident_megabytes();
  const auto begin = Ticks::now();
  Opened opened(folder);
  static_cast<void>(
      opened.collections->search(kTenant, "crowd", kModel, query, {80, arguments.max_distance}).value());
  const double first = milliseconds_since(begin);
  const double resident = resident_megabytes() - before;

  NewFace added;
  added.vector.assign(query.begin(), query.end());
  const auto add_begin = Ticks::now();
  static_cast<void>(opened.collections->add(kTenant, "crowd", kModel, std::span(&added, 1)).value());
  const double one = milliseconds_since(add_begin);
  const auto found = opened.collections->search(kTenant, "crowd", kModel, query, {1, 0.001F}).value();

  const std::size_t some = std::min<std::size_t>(10'000, ids.size() / 2);
  std::ranges::shuffle(ids, std::mt19937_64(5));
  const auto delete_begin = Ticks::now();
  const double wait_faces = longest_wait(*opened.collections, [&] {
    for (std::size_t i = 0; i < some; i += 4'000)
      static_cast<void>(opened.collections
                            ->remove_faces(kTenant, "crowd",
                                           std::vector<Uuid>(ids.begin() + static_cast<std::ptrdiff_t>(i),
                                                             ids.begin() + static_cast<std::ptrdiff_t>(
                                                                               std::min(i + 4'000, some))))
                            .value());
    opened.collections->wait_until_erased();
  });
  const double deleting = milliseconds_since(delete_begin);
  const auto drop_begin = Ticks::now();
  const double wait_collection = longest_wait(*opened.collections, [&] {
    opened.collections->remove(kTenant, "crowd").value();
    opened.collections->wait_until_erased();
  });
  const double dropping = milliseconds_since(drop_begin);
  fmt::print(
      "| {} | {:.0f} | {:.0f} | {:.2f} | {:.0f} | {:.1f}, {} | {}: {:.2f} ({:.0f}) | {:.1f} ({:.0f}) |\n",
      faces.size(), adding * 1e3 / static_cast<double>(faces.size()),
      file / static_cast<double>(faces.size()), first / 1e3,
      resident * 1e6 / static_cast<double>(faces.size()), one, found.empty() ? "not found" : "found", some,
      deleting / 1e3, wait_faces, dropping / 1e3, wait_collection);
  std::fflush(stdout);
  fs::remove_all(folder);
}

int run(const Arguments& arguments) {
  Variation variation = assumed_variation();
  if (!arguments.vectors.empty()) {
    auto estimated = estimate_variation(arguments.vectors);
    if (!estimated) {
      fmt::print(stderr, "bench_search: {}\n", estimated.error().message);
      return 1;
    }
    variation = std::move(*estimated);
  }
  fmt::print("Variation: {}\n\n", arguments.vectors.empty() ? "assumed" : "of the given photos");
  std::vector<FaceVector> faces;
  std::vector<FaceVector> people;
  Crowd crowd(variation, 1);
  const std::size_t most = *std::ranges::max_element(arguments.sizes);
  while (faces.size() < most) {
    people.push_back(crowd.person());
    for (std::size_t i = 0; i < kPhotosEach && faces.size() < most; ++i)
      faces.push_back(crowd.photo(people.back()));
  }
  std::vector<std::string> database_rows;
  fmt::print(
      "| faces | kernel | search | p50 ms | p99 ms | p99 by the clock | of a plain search | recall | ns a "
      "face | bytes a face |\n"
      "|---|---|---|---|---|---|---|---|---|---|\n");
  for (const std::size_t size : arguments.sizes) {
    const std::vector<FaceVector> some(faces.begin(), faces.begin() + static_cast<std::ptrdiff_t>(size));
    // Half of those who ask are enrolled, in other photos.
    std::vector<FaceVector> queries;
    for (int i = 0; i < arguments.queries; ++i)
      queries.push_back(crowd.photo(
          i % 2 == 0 ? people[static_cast<std::size_t>(i) * 37 % (size / kPhotosEach)] : crowd.person()));
    measure_search(some, queries, arguments);
  }
  fmt::print(
      "\n| faces | us each to add a thousand | bytes a face on disk | s to the first answer | resident "
      "bytes a face | ms to add one | s to delete and erase some (longest wait of another, ms) | s to erase "
      "all (longest wait, ms) |\n"
      "|---|---|---|---|---|---|---|---|\n");
  for (const std::size_t size : arguments.sizes) {
    const std::vector<FaceVector> some(faces.begin(), faces.begin() + static_cast<std::ptrdiff_t>(size));
    measure_database(some, crowd.photo(people.front()), arguments);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Measures the search for faces");
  app.add_option("--vectors", arguments.vectors, "What bench_recognise --vectors has written");
  app.add_option("--sizes", arguments.sizes, "Numbers of faces")->delimiter(',');
  app.add_option("--queries", arguments.queries, "Searches of each kind");
  app.add_option("--folder", arguments.folder, "Where the database goes");
  app.add_option("--distance", arguments.max_distance, "The distance of similarity 80");
  CLI11_PARSE(app, argc, argv);
  return run(arguments);
}
