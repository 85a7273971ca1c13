#include "sight/jobs/prober.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>

#include "sight/media/clip_testing.h"

namespace sightline::jobs {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using media::test::clip_folder;
using media::test::make_clip;

Descriptor opened(const fs::path& path) {
  return Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

Probed probe(const fs::path& path) {
  const Descriptor clip = opened(path);
  auto prober = Prober::start(clip.get(), {});
  EXPECT_TRUE(prober) << prober.error().message;
  return prober ? prober->answer(30s) : Probed{};
}

std::optional<ClipShape> probed(const fs::path& path) {
  return probe(path).shape;
}

bool has_no_child() {
  return ::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
}

TEST(Prober, TellsTheSizeAsDisplayed) {
  make_clip("plain.mp4",
            "-f lavfi -i testsrc2=size=320x240:rate=25:duration=0.2 -c:v libx264 -preset ultrafast "
            "-pix_fmt yuv420p");
  const auto plain = probed(clip_folder() / "plain.mp4");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->displayed, (media::Size{320, 240}));
  EXPECT_EQ(plain->pixel_aspect, 1);
  make_clip("oblong.mp4",
            "-f lavfi -i testsrc2=size=320x240:rate=25:duration=0.2 -vf setsar=4/3 -c:v libx264 "
            "-preset ultrafast -pix_fmt yuv420p");
  const auto oblong = probed(clip_folder() / "oblong.mp4");
  ASSERT_TRUE(oblong);
  EXPECT_FLOAT_EQ(oblong->pixel_aspect, 4.0F / 3);
  EXPECT_TRUE(has_no_child());
}

TEST(Prober, CannotTellOfWhatIsNoClip) {
  std::ofstream(clip_folder() / "noise.mp4") << std::string(5'000, 'x');
  std::ofstream(clip_folder() / "empty.mp4").flush();
  EXPECT_FALSE(probed(clip_folder() / "noise.mp4"));
  EXPECT_FALSE(probed(clip_folder() / "empty.mp4"));
  EXPECT_FALSE(probed("/dev/null"));
  const auto refusal = probe(clip_folder() / "noise.mp4").refusal;
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->kind, ErrorKind::corrupt);
  EXPECT_TRUE(refusal->message.starts_with("the clip ")) << refusal->message;
  EXPECT_TRUE(has_no_child());
}

TEST(Prober, SurvivesDamagedClips) {
  make_clip("whole.mp4",
            "-f lavfi -i testsrc2=size=160x120:rate=25:duration=0.2 -c:v libx264 -preset ultrafast "
            "-pix_fmt yuv420p");
  std::ifstream file(clip_folder() / "whole.mp4", std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(file)), {});
  for (std::size_t step : {31U, 97U, 333U}) {
    std::string damaged = whole;
    for (std::size_t i = step / 2; i < damaged.size(); i += step)
      damaged[i] = static_cast<char>(damaged[i] ^ 0x5A);
    const fs::path path = clip_folder() / "damaged.mp4";
    std::ofstream(path, std::ios::binary) << damaged;
    if (const auto shape = probed(path)) {
      EXPECT_GE(shape->displayed.width, 1);
      EXPECT_LE(shape->displayed.width, media::kMaxClipSide);
    }
  }
  EXPECT_TRUE(has_no_child());
}

/// Of a prober that does something else.
Probed all_answered(const ProbeFunction& probe, std::chrono::milliseconds patience,
                    sandbox::Confinement limits = {}) {
  const Descriptor clip = opened("/dev/null");
  auto prober = Prober::start(clip.get(), limits, probe);
  EXPECT_TRUE(prober);
  return prober ? prober->answer(patience) : Probed{};
}

std::optional<ClipShape> answered(const ProbeFunction& probe, std::chrono::milliseconds patience) {
  return all_answered(probe, patience).shape;
}

TEST(Prober, IsNotWaitedForWhenItHangs) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(answered(
      [](int, int) {
        while (true) ::usleep(100'000);
      },
      50ms));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  EXPECT_TRUE(has_no_child());
}

TEST(Prober, IsEndedUnasked) {
  {
    const Descriptor clip = opened("/dev/null");
    const auto prober = Prober::start(clip.get(), {}, [](int, int) { ::pause(); });
    EXPECT_TRUE(prober);
  }
  EXPECT_TRUE(has_no_child());
}

TEST(Prober, ItsDeathIsNoAnswer) {
  EXPECT_FALSE(answered([](int, int) { ::_exit(3); }, 10s));
  EXPECT_FALSE(all_answered([](int, int) { ::_exit(3); }, 10s).refusal);
  // Nobody knows who did that.
  EXPECT_FALSE(all_answered([](int, int) { ::usleep(10'000'000); }, 10ms).refusal);
  EXPECT_TRUE(has_no_child());
}

TEST(Prober, AClipThatADecoderDiesOfIsRefused) {
  const auto dies = [](int, int) {
    std::signal(SIGSEGV, SIG_DFL);  // a sanitizer's handler would exit
    *static_cast<volatile int*>(nullptr) = 1;
  };
  const Probed died = all_answered(dies, 10s);
  EXPECT_FALSE(died.shape);
  ASSERT_TRUE(died.refusal);
  EXPECT_EQ(died.refusal->kind, ErrorKind::corrupt);
}

TEST(Prober, AClipThatTakesAllOfTheTimeIsRefused) {
  sandbox::Confinement limits;
  limits.max_processor_time = 1s;
  const Probed spun = all_answered(
      [](int, int) {
        while (true) (void)::getpid();
      },
      60s, limits);
  ASSERT_TRUE(spun.refusal);
  EXPECT_EQ(spun.refusal->kind, ErrorKind::unsupported);
  EXPECT_TRUE(has_no_child());
}

TEST(Prober, ARefusalIsBelievedWithinItsBounds) {
  const auto says = [](ErrorKind kind, const std::string& text) {
    return all_answered(
               [&](int, int told) {
                 const std::int32_t head[3] = {-1, static_cast<std::int32_t>(kind), 0};
                 (void)!::write(told, head, 12);
                 (void)!::write(told, text.data(), text.size());
               },
               10s)
        .refusal;
  };
  const auto refusal = says(ErrorKind::unsupported, "no\x1b[2J video");
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->message, "no?[2J video");
  EXPECT_EQ(says(ErrorKind::corrupt, std::string(5'000, 'x'))->message.size(), 300U);
  EXPECT_FALSE(says(ErrorKind::internal, "try again")) << "another attempt may do better";
  EXPECT_FALSE(says(static_cast<ErrorKind>(9'999), "nonsense"));
}

TEST(Prober, NonsenseIsNoAnswer) {
  const auto says = [](std::int32_t width, std::int32_t height, float aspect) {
    return answered(
        [=](int, int told) {
          char bytes[12];
          std::memcpy(bytes, &width, 4);
          std::memcpy(bytes + 4, &height, 4);
          std::memcpy(bytes + 8, &aspect, 4);
          // In two pieces, and with more to follow.
          (void)!::write(told, bytes, 5);
          (void)!::write(told, bytes + 5, 7);
          (void)!::write(told, bytes, 12);
        },
        10s);
  };
  EXPECT_TRUE(says(1920, 1080, 1));
  EXPECT_FALSE(says(0, 1080, 1));
  EXPECT_FALSE(says(1920, -1, 1));
  EXPECT_FALSE(says(2'000'000'000, 1, 1));
  EXPECT_FALSE(says(16'384, 16'384, 1));
  EXPECT_FALSE(says(1920, 1080, 0));
  EXPECT_FALSE(says(1920, 1080, std::numeric_limits<float>::quiet_NaN()));
  EXPECT_FALSE(says(1920, 1080, std::numeric_limits<float>::infinity()));
  EXPECT_FALSE(answered([](int, int told) { (void)!::write(told, "short", 5); }, 10s));
}

TEST(Prober, IsConfinedAndHoldsNothingElse) {
  const Descriptor secret(::open("/etc/passwd", O_RDONLY));
  const auto answer = answered(
      [held = secret.get()](int clip, int told) {
        char byte = 0;
        const bool confined = ::open("/etc/passwd", O_RDONLY) < 0 && errno == EPERM && ::fork() < 0;
        const bool alone = ::read(held, &byte, 1) < 0 && errno == EBADF && ::read(0, &byte, 1) < 0 &&
                           ::read(clip, &byte, 1) == 0;
        const struct {
          std::int32_t width = 2, height = 2;
          float aspect = 1;
        } yes;
        if (confined && alone) (void)!::write(told, &yes, sizeof(yes));
      },
      10s);
  EXPECT_TRUE(answer);
}

}  // namespace
}  // namespace sightline::jobs
