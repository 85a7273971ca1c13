#include "sight/inference/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <openvino/opsets/opset13.hpp>
#include <openvino/pass/serialize.hpp>
#include <string_view>
#include <thread>

namespace sightline::inference {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class SessionTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "session_XXXXXX").string();
    folder_ = mkdtemp(name.data());
    save_doubling_model();
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// A network whose output is twice its input, with a shape that no caller asks for.
  void save_doubling_model(const ov::Shape& shape = {10, 3, 32, 32}) {
    using namespace ov::opset13;
    const auto input = std::make_shared<Parameter>(ov::element::f32, shape);
    const auto two = Constant::create(ov::element::f32, ov::Shape{}, {2.0F});
    const auto graph = std::make_shared<ov::Model>(ov::OutputVector{std::make_shared<Multiply>(input, two)},
                                                   ov::ParameterVector{input});
    ov::pass::Serialize(model_path().string(), (folder_ / "model.bin").string()).run_on_model(graph);
  }

  fs::path model_path() const { return folder_ / "model.xml"; }

  std::unique_ptr<Runtime> runtime(int slots = 1, const fs::path& cache = {}) {
    RuntimeOptions options;
    options.precision = Precision::fp32;
    options.threads = 1;
    options.slots = slots;
    options.cache_folder = cache;
    auto made = Runtime::create(options);
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }

  /// Runs one picture through and returns the first value of the blue plane.
  static float blue_out(Session& session, std::uint8_t blue) {
    const auto lease = session.lease();
    for (std::size_t i = 0; i < lease->input().size(); ++i) lease->input()[i] = i % 3 == 2 ? blue : 7;
    EXPECT_TRUE(lease->run());
    const Tensor out = lease->output(0);
    return out.data[2 * out.data.size() / 3];
  }

  fs::path folder_;
};

TEST_F(SessionTest, TakesInterleavedRgbAndGivesPlanes) {
  const auto machine = runtime();
  const auto session = machine->rgb_session(model_path(), "hash", 4, 2);
  ASSERT_TRUE(session) << session.error().message;
  const auto lease = (*session)->lease();
  ASSERT_EQ(lease->input().size(), 4U * 2U * 3U);
  for (std::size_t i = 0; i < lease->input().size(); ++i) lease->input()[i] = static_cast<std::uint8_t>(i);
  ASSERT_TRUE(lease->run());
  const Tensor out = lease->output(0);
  EXPECT_EQ(out.shape, (std::vector<std::int64_t>{1, 3, 2, 4}));
  EXPECT_FLOAT_EQ(out.data[0], 0.0F);        // red of the first pixel
  EXPECT_FLOAT_EQ(out.data[1], 2.0F * 3);    // red of the second
  EXPECT_FLOAT_EQ(out.data[8], 2.0F * 1);    // green of the first
  EXPECT_FLOAT_EQ(out.data[23], 2.0F * 23);  // blue of the last
}

TEST_F(SessionTest, OneShapeIsCompiledOnce) {
  const auto machine = runtime();
  const auto first = machine->rgb_session(model_path(), "hash", 32, 32);
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, *machine->rgb_session(model_path(), "hash", 32, 32));
  EXPECT_NE(*first, *machine->rgb_session(model_path(), "hash", 32, 64));
}

TEST_F(SessionTest, OneShapeAskedForByManyAtOnceIsCompiledOnce) {
  const auto machine = runtime();
  std::array<std::shared_ptr<Session>, 8> sessions;
  {
    std::vector<std::jthread> threads;
    for (auto& session : sessions)
      threads.emplace_back([&] { session = machine->rgb_session(model_path(), "hash", 32, 32).value(); });
  }
  for (const auto& session : sessions) EXPECT_EQ(session, sessions[0]);
}

TEST_F(SessionTest, AShapeThatCouldNotBeMadeIsTriedAgain) {
  const auto machine = runtime();
  const fs::path away = folder_ / "away.xml";
  fs::rename(model_path(), away);
  EXPECT_FALSE(machine->rgb_session(model_path(), "hash", 32, 32));
  fs::rename(away, model_path());
  EXPECT_TRUE(machine->rgb_session(model_path(), "hash", 32, 32));
}

TEST_F(SessionTest, QuantisedFormsAreTakenWhenAskedForAndNeverAgainstTheUsersWord) {
  const auto form = [](Precision precision) {
    return Runtime::create({precision, 1, 1, {}}).value()->preferred_form();
  };
  EXPECT_EQ(form(Precision::int8), ModelForm::quantised);
  EXPECT_EQ(form(Precision::fp32), ModelForm::plain);
  EXPECT_EQ(form(Precision::bf16), ModelForm::plain);
}

TEST_F(SessionTest, TheQuantisedFormIsTheDefaultOnlyWhereItIsExact) {
  const auto runtime = Runtime::create({Precision::automatic, 1, 1, {}}).value();
  EXPECT_EQ(runtime->preferred_form() == ModelForm::quantised, runtime->has_exact_int8());
  // The test run restricts OpenVINO to AVX2 so that both kinds of processor are seen on the better one.
  const char* limit = std::getenv("ONEDNN_MAX_CPU_ISA");
  if (limit != nullptr && std::string_view(limit) == "AVX2") {
    EXPECT_FALSE(runtime->has_exact_int8());
    EXPECT_EQ(runtime->precision(), Precision::fp32) << "bf16 finds faces everywhere there";
  }
}

TEST_F(SessionTest, ManyLargeShapesDoNotDriveOutASmallOne) {
  const auto machine = runtime();
  const auto small = machine->rgb_session(model_path(), "hash", 32, 32);
  const auto large = machine->rgb_session(model_path(), "hash", 1000, 600);
  ASSERT_TRUE(small && large);
  for (int i = 1; i <= 8; ++i) ASSERT_TRUE(machine->rgb_session(model_path(), "hash", 1000, 600 + i));
  EXPECT_EQ(*small, *machine->rgb_session(model_path(), "hash", 32, 32));
  EXPECT_NE(*large, *machine->rgb_session(model_path(), "hash", 1000, 600)) << "the oldest of nine is gone";
}

TEST_F(SessionTest, ALeaseWaitsUntilASlotIsFree) {
  const auto machine = runtime(1);
  const auto session = machine->rgb_session(model_path(), "hash", 32, 32);
  ASSERT_TRUE(session);
  auto held = (*session)->lease();
  std::atomic<bool> got = false;
  std::jthread waiter([&] {
    const auto lease = (*session)->lease();
    got = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_FALSE(got);
  held.reset();
  waiter.join();
  EXPECT_TRUE(got);
}

TEST_F(SessionTest, MakesThePictureThatTheNetworkWants) {
  PictureInput input;
  input.colors = InputColors::bgr;
  input.mean = {1, 2, 3};
  input.scale = {2, 4, 8};
  const auto machine = runtime();
  const auto session = machine->rgb_session(model_path(), "hash", 1, 1, input);
  ASSERT_TRUE(session) << session.error().message;
  const auto lease = (*session)->lease();
  std::ranges::copy(std::to_array<std::uint8_t>({11, 42, 83}), lease->input().begin());
  ASSERT_TRUE(lease->run());
  const Tensor out = lease->output(0);
  EXPECT_FLOAT_EQ(out.data[0], 2.0F * 80 / 8);  // blue comes first
  EXPECT_FLOAT_EQ(out.data[1], 2.0F * 40 / 4);
  EXPECT_FLOAT_EQ(out.data[2], 2.0F * 10 / 2);
  // Another input of the same network is another session, and another entry of the cache.
  EXPECT_NE(*session, *machine->rgb_session(model_path(), "hash", 1, 1));
}

TEST_F(SessionTest, NetworksThatTakePixelsGetPixels) {
  save_doubling_model({1, 32, 32, 3});
  PictureInput input;
  input.layout = InputLayout::nhwc;
  const auto session = runtime()->rgb_session(model_path(), "hash", 4, 2, input);
  ASSERT_TRUE(session) << session.error().message;
  const auto lease = (*session)->lease();
  for (std::size_t i = 0; i < lease->input().size(); ++i) lease->input()[i] = static_cast<std::uint8_t>(i);
  ASSERT_TRUE(lease->run());
  const Tensor out = lease->output(0);
  EXPECT_EQ(out.shape, (std::vector<std::int64_t>{1, 2, 4, 3}));
  EXPECT_FLOAT_EQ(out.data[5], 10.0F);
}

TEST_F(SessionTest, MemoryGivenBackIsTakenAgain) {
  const auto machine = runtime();
  const auto session = machine->rgb_session(model_path(), "hash", 32, 32);
  ASSERT_TRUE(session);
  EXPECT_FLOAT_EQ(blue_out(**session, 21), 42.0F);
  machine->release_memory();
  EXPECT_FLOAT_EQ(blue_out(**session, 22), 44.0F);
  const auto lease = (*session)->lease();
  machine->release_memory();  // without effect: a lease is out
  ASSERT_TRUE(lease->run());
}

TEST_F(SessionTest, ShapesOutOfRangeAreRefused) {
  const auto machine = runtime();
  for (const int side : {0, -1, 1'000'000}) {
    const auto session = machine->rgb_session(model_path(), "hash", side, 32);
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().kind, ErrorKind::invalid_argument);
  }
}

TEST_F(SessionTest, ADamagedModelIsNamedWithARemedy) {
  std::ofstream(model_path()) << "<net name='x' version='11'><layers><layer";
  const auto session = runtime()->rgb_session(model_path(), "hash", 32, 32);
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(session.error().message, HasSubstr("model.xml"));
  EXPECT_THAT(session.error().message, HasSubstr("models verify"));
  EXPECT_THAT(session.error().message, testing::Not(HasSubstr("\n")));
}

TEST_F(SessionTest, CompiledModelsComeBackFromTheCache) {
  const fs::path cache = folder_ / "cache";
  ASSERT_TRUE(runtime(1, cache)->rgb_session(model_path(), "hash", 32, 32));
  EXPECT_EQ(fs::status(cache).permissions() & fs::perms::all, fs::perms::owner_all);
  fs::remove(model_path());
  const auto machine = runtime(1, cache);
  const auto session = machine->rgb_session(model_path(), "hash", 32, 32);
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_FLOAT_EQ(blue_out(**session, 21), 42.0F);
}

TEST_F(SessionTest, ADamagedCacheCostsACompilationAlone) {
  const fs::path cache = folder_ / "cache";
  ASSERT_TRUE(runtime(1, cache)->rgb_session(model_path(), "hash", 32, 32));
  for (const auto& entry : fs::directory_iterator(cache)) {
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(fs::file_size(entry.path()) / 2));
    file << "damage";
  }
  const auto machine = runtime(1, cache);
  const auto session = machine->rgb_session(model_path(), "hash", 32, 32);
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_FLOAT_EQ(blue_out(**session, 21), 42.0F);
}

TEST_F(SessionTest, ACacheThatCannotBeWrittenDoesNoHarm) {
  std::ofstream(folder_ / "file") << "in the way";
  const auto session = runtime(1, folder_ / "file" / "cache")->rgb_session(model_path(), "hash", 32, 32);
  EXPECT_TRUE(session) << session.error().message;
}

}  // namespace
}  // namespace sightline::inference
