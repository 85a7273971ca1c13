// What was deleted is in no file of the database, and what was acknowledged survives a kill.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <string_view>
#include <unordered_set>

#include "sight/collections/face_collections.h"
#include "sight/collections/test_people.h"

namespace sightline::collections {
namespace {

namespace fs = std::filesystem;
using test::kTenant;
using Ticks = std::chrono::steady_clock;

const VectorModel kErasedModel{"recogniser-1", "none"};

struct Opened {
  explicit Opened(const fs::path& folder, std::function<void(store::WriteStep)> at_step = {}) {
    store::StoreOptions options;
    options.at_step = std::move(at_step);
    database = std::move(open_tables(*store::stores_in_folder(folder, options)).value());
    collections = std::move(FaceCollections::open(*database, clock, random).value());
  }

  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<FaceCollections> collections;
};

class ErasureTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "erasure_XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
};

/// Eight bytes from within a vector, as they lie in the file: twelve bytes in, past the scale.
std::uint64_t trace_of(const std::vector<float>& vector, std::size_t at) {
  const auto stored = store_vector(*encode_vector(vector));
  std::uint64_t trace = 0;
  std::memcpy(&trace, stored.data() + at, sizeof(trace));
  return trace;
}

/// Traces of vectors, of their beginnings, middles and ends: a part is a leak too.
class Traces {
 public:
  void add(const std::vector<float>& vector) {
    for (const std::size_t at : {12U, 100U, 250U}) traces_.insert(trace_of(vector, at));
    ++vectors_;
  }
  std::size_t vectors() const { return vectors_; }

  /// How many are found anywhere in the folder's files.
  std::size_t count_in(const fs::path& folder) const {
    std::unordered_set<std::uint64_t> found;
    for (const auto& entry : fs::directory_iterator(folder)) {
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      for (std::size_t i = 0; i + 8 <= bytes.size(); ++i) {
        std::uint64_t here = 0;
        std::memcpy(&here, bytes.data() + i, sizeof(here));
        if (here != 0 && traces_.contains(here)) found.insert(here);
      }
    }
    return found.size();
  }

 private:
  std::unordered_set<std::uint64_t> traces_;
  std::size_t vectors_ = 0;
};

/// Adds faces of people in batches; their vectors go to `vectors`.
std::vector<Uuid> add_faces(FaceCollections& collections, std::string_view id, test::People& people,
                            std::size_t count, std::vector<std::vector<float>>& vectors) {
  std::vector<Uuid> ids;
  while (ids.size() < count) {
    std::vector<NewFace> batch(std::min<std::size_t>(100, count - ids.size()));
    for (NewFace& face : batch) {
      face.vector = people.face();
      vectors.push_back(face.vector);
    }
    const auto added = collections.add(kTenant, id, kErasedModel, batch);
    EXPECT_TRUE(added) << added.error().message;
    if (!added) break;
    for (const Face& face : *added) ids.push_back(face.id);
  }
  return ids;
}

TEST_F(ErasureTest, DeletedFacesLeaveNoVectorInAnyFileWithinASecond) {
  Opened opened(folder_);
  FaceCollections& collections = *opened.collections;
  ASSERT_TRUE(collections.create(kTenant, "friends", kErasedModel, {}));
  test::People people(1);
  std::vector<std::vector<float>> vectors;
  const auto ids = add_faces(collections, "friends", people, 12'000, vectors);
  // Each time some from everywhere, so that pages become sparse, are joined and filled again.
  std::vector<std::size_t> order(ids.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::shuffle(order, std::mt19937(2));
  Traces deleted;
  std::vector<Uuid> gone;
  for (const std::size_t i : std::span(order).first(10'000)) {
    gone.push_back(ids[i]);
    deleted.add(vectors[i]);
  }
  Traces kept;
  for (const std::size_t i : std::span(order).subspan(10'000)) kept.add(vectors[i]);
  ASSERT_GE(deleted.count_in(folder_), deleted.vectors()) << "the search of the bytes finds what is there";

  const auto begin = Ticks::now();
  for (std::size_t first = 0; first < gone.size(); first += 4'000) {
    const auto part = std::span(gone).subspan(first, std::min<std::size_t>(4'000, gone.size() - first));
    const auto removed = collections.remove_faces(kTenant, "friends", {part.begin(), part.end()});
    ASSERT_TRUE(removed);
    EXPECT_EQ(removed->size(), part.size());
  }
  collections.wait_until_erased();
  const std::chrono::duration<double> taken = Ticks::now() - begin;
  EXPECT_EQ(deleted.count_in(folder_), 0U);
  EXPECT_GE(kept.count_in(folder_), kept.vectors());
  // A second where nobody else is at work (bench/search measures that).
  EXPECT_LT(taken.count(), 5.0);
  // What is added afterwards, and deleted too, leaves nothing either.
  vectors.clear();
  const auto more = add_faces(collections, "friends", people, 1'000, vectors);
  Traces later;
  for (const auto& vector : vectors) later.add(vector);
  ASSERT_TRUE(collections.remove_faces(kTenant, "friends", more));
  collections.wait_until_erased();
  EXPECT_EQ(later.count_in(folder_), 0U);
  EXPECT_EQ(deleted.count_in(folder_), 0U);
}

TEST_F(ErasureTest, ADeletedCollectionIsErasedInTheBackgroundAlsoAfterAKill) {
  test::People people(3);
  std::vector<std::vector<float>> vectors;
  Traces deleted;
  {
    Opened opened(folder_);
    ASSERT_TRUE(opened.collections->create(kTenant, "friends", kErasedModel, {}));
    ASSERT_TRUE(opened.collections->create(kTenant, "others", kErasedModel, {}));
    add_faces(*opened.collections, "friends", people, 9'000, vectors);
    for (const auto& vector : vectors) deleted.add(vector);
    add_faces(*opened.collections, "others", people, 100, vectors);
  }
  const pid_t pid = ::fork();
  if (pid == 0) {
    // Dies while the second batch is erased: the deletion itself, then two batches.
    int steps = 0;
    Opened opened(folder_, [&](store::WriteStep step) {
      if (step == store::WriteStep::worked && ++steps == 4) ::kill(::getpid(), SIGKILL);
    });
    static_cast<void>(opened.collections->remove(kTenant, "friends"));
    opened.collections->wait_until_erased();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  Opened opened(folder_);
  EXPECT_EQ(opened.collections->describe(kTenant, "friends").error().kind, ErrorKind::not_found);
  opened.collections->wait_until_erased();
  EXPECT_EQ(deleted.count_in(folder_), 0U);
  EXPECT_EQ(*opened.collections->face_count(kTenant, "others"), 100U);
}

TEST_F(ErasureTest, AKilledProcessKeepsEveryAcknowledgedFaceAndNoHalfOne) {
  std::size_t acknowledged = 0;
  for (int round = 0; round < 12; ++round) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      int steps = 0;
      const int last = 2 + 7 * round % 23;
      Opened opened(folder_, [&](store::WriteStep) {
        if (++steps == last + 6) ::kill(::getpid(), SIGKILL);
      });
      static_cast<void>(opened.collections->create(kTenant, "friends", kErasedModel, {}));
      test::People people(static_cast<unsigned>(round));
      std::ofstream acknowledgements(folder_ / "acknowledged", std::ios::app);
      while (true) {
        NewFace faces[2];
        for (NewFace& face : faces) face.vector = people.face();
        const auto added = opened.collections->add(kTenant, "friends", kErasedModel, faces);
        if (!added) ::_exit(1);
        for (const Face& face : *added) acknowledgements << face.id.text() << std::endl;
      }
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "round " << round;
  }
  Opened opened(folder_);
  std::ifstream in(folder_ / "acknowledged");
  for (std::string line; in >> line; ++acknowledged) {
    const auto id = Uuid::parse(line);
    ASSERT_TRUE(id);
    EXPECT_EQ(opened.collections->faces(kTenant, "friends", std::vector{*id}, {}, 1)->items.size(), 1U)
        << line;
    const auto matches = opened.collections->search_face(kTenant, "friends", *id, {1, 10});
    EXPECT_TRUE(matches && *matches) << "its vector is there";
  }
  EXPECT_GT(acknowledged, 20U);
  // Two at a time: a face without the other would be half a request.
  EXPECT_EQ(*opened.collections->face_count(kTenant, "friends") % 2, 0U);
}

}  // namespace
}  // namespace sightline::collections
