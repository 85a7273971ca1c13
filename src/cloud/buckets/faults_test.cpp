// A process that is killed while it puts, and a disk that is full: what was acknowledged is there, and
// nothing is there by half.

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

#include "cloud/buckets/buckets_test_fixture.h"

namespace sightline::buckets {
namespace {

using test::BucketsTest;

/// Version `n` of an object, several blocks long.
std::string version(int n) {
  return std::string(3000 + static_cast<std::size_t>(n), static_cast<char>('a' + n % 26));
}

class KilledTest : public BucketsTest {
 protected:
  /// Puts versions of two keys by turns until it is killed: after some steps of transactions, or from
  /// outside.
  [[noreturn]] void put_until_killed(int kill_at_step) {
    close_buckets();
    int steps = 0;
    store::StoreOptions options;
    options.at_step = [&](store::WriteStep) {
      if (++steps == kill_at_step) ::kill(::getpid(), SIGKILL);
    };
    open_buckets(options);
    for (int n = 0;; ++n) {
      if (!put(n % 2 == 0 ? "even" : "odd", version(n))) ::_exit(1);
      std::ofstream(folder_ / "acknowledged", std::ios::app) << n << std::endl;
    }
  }
  void check() {
    open_buckets();
    int last[2] = {-1, -1};
    std::ifstream in(folder_ / "acknowledged");
    for (int n = 0; in >> n;) last[n % 2] = n;
    std::size_t objects = 0;
    int newest = -1;
    for (const int odd : {0, 1}) {
      const std::string text = get(odd == 0 ? "even" : "odd");
      if (text == "(none)") {
        EXPECT_EQ(last[odd], -1) << "an acknowledged object is lost";
        continue;
      }
      ++objects;
      const int found = static_cast<int>(text.size()) - 3000;
      EXPECT_EQ(text, version(found)) << "half an object";
      EXPECT_GE(found, last[odd]) << "an acknowledged version is lost";
      newest = std::max(newest, found);
    }
    EXPECT_EQ(blob_files(), objects) << "blobs are left over";
    EXPECT_EQ(events().size(), static_cast<std::size_t>(newest + 1)) << "an object without its event";
    close_buckets();
  }
  void run(int kill_at_step, int kill_after_microseconds) {
    const pid_t child = ::fork();
    if (child == 0) put_until_killed(kill_at_step);
    if (kill_at_step == 0) {
      ::usleep(static_cast<useconds_t>(kill_after_microseconds));
      ::kill(child, SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    check();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    open_buckets();
    make_bucket();
    close_buckets();
  }
};

TEST_F(KilledTest, BetweenTheStepsOfATransaction) {
  make_bucket();
  close_buckets();
  for (int step = 1; step <= 9 && !HasFailure(); ++step) run(step, 0);
}

TEST_F(KilledTest, AtAnyTime) {
  make_bucket();
  close_buckets();
  for (int i = 0; i < 6 && !HasFailure(); ++i) run(0, 3'000 + i * 7'300);
}

/// A store whose disk is full after so many bytes.
class FullBlobs final : public store::BlobStore {
 public:
  explicit FullBlobs(store::BlobStore& blobs) : blobs_(blobs) {}
  std::size_t room = 0;
  bool commits = true;

  Result<std::unique_ptr<store::BlobWriter>> create() override {
    class Writer final : public store::BlobWriter {
     public:
      Writer(std::unique_ptr<store::BlobWriter> blob, std::size_t room, bool commits)
          : blob_(std::move(blob)), room_(room), commits_(commits) {}
      Result<void> write(std::span<const char> bytes) override {
        if (bytes.size() > room_) return fail(ErrorKind::no_space, "the disk is full");
        room_ -= bytes.size();
        return blob_->write(bytes);
      }
      Result<store::BlobId> commit() override {
        if (!commits_) return fail(ErrorKind::no_space, "the disk is full");
        return blob_->commit();
      }

     private:
      std::unique_ptr<store::BlobWriter> blob_;
      std::size_t room_;
      bool commits_;
    };
    return std::make_unique<Writer>(TRY(blobs_.create()), room, commits);
  }
  Result<std::unique_ptr<store::BlobReader>> open(const store::BlobId& id) override {
    return blobs_.open(id);
  }
  Result<void> remove(const store::BlobId& id) override { return blobs_.remove(id); }
  Result<std::size_t> sweep(const std::function<bool(const store::BlobId&)>& in_use,
                            std::stop_token stop) override {
    return blobs_.sweep(in_use, std::move(stop));
  }

 private:
  store::BlobStore& blobs_;
};

TEST_F(BucketsTest, AFullDiskIsToldAndChangesNothing) {
  make_bucket();
  ASSERT_TRUE(put("key", "old"));
  FullBlobs full(*blobs_);
  Buckets buckets(*database_, full, clock_, random_, {outbox_.get()});
  full.room = 5;
  auto writer = buckets.new_content();
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->write(std::string_view("01234")));
  const auto over = writer->write(std::string_view("5"));
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().problem, Problem::storage);
  EXPECT_EQ(over.error().error.kind, ErrorKind::no_space);
  full.commits = false;
  auto late = buckets.new_content();
  ASSERT_TRUE(late && late->write(std::string_view("0123")));
  const auto put = buckets.put(name("key"), *std::move(late), {});
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().error.kind, ErrorKind::no_space);
  writer = refuse(Problem::storage, "");
  EXPECT_EQ(get("key"), "old");
  EXPECT_EQ(blob_files(), 1U);
  EXPECT_EQ(events().size(), 1U);
}

}  // namespace
}  // namespace sightline::buckets
