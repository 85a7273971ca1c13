#include "sight/models/model_set.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace sightline::models {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? fs::path() : fs::path(value);
}

std::unique_ptr<ModelSet> opened(inference::Precision precision, std::string face_detector = "centerface") {
  auto store =
      inference::ModelStore::open({folder_of("SIGHTLINE_MODELS")}, {folder_of("SIGHTLINE_CACHE") / "models"});
  EXPECT_TRUE(store) << store.error().message;
  ModelSetOptions options;
  options.face_detector = std::move(face_detector);
  options.runtime.precision = precision;
  options.runtime.threads = 1;
  options.runtime.slots = 1;
  options.runtime.cache_folder = folder_of("SIGHTLINE_CACHE") / "compiled";
  auto set = ModelSet::open(std::move(*store), options);
  EXPECT_TRUE(set) << set.error().message;
  return std::move(*set);
}

TEST(ModelSet, OpensEachModelOnce) {
  const auto set = opened(inference::Precision::fp32);
  EXPECT_EQ(set->clip_detector().value(), set->clip_detector().value());
  EXPECT_EQ(set->recogniser().value(), set->recogniser().value());
  EXPECT_EQ(set->mesher().value(), set->mesher().value());
  EXPECT_EQ(set->analyser().value(), set->analyser().value());
  EXPECT_EQ(set->objects().value(), set->objects().value());
  EXPECT_EQ(set->unsafe_content().value(), set->unsafe_content().value());
}

TEST(ModelSet, PicturesAreSeenIn8BitsOnlyWhenToldSo) {
  const auto exact = opened(inference::Precision::fp32);
  EXPECT_EQ(exact->picture_detector().value(), exact->clip_detector().value());
  const auto told = opened(inference::Precision::int8);
  EXPECT_EQ(told->picture_detector().value(), told->clip_detector().value());
  EXPECT_EQ(told->runtime().preferred_form(), inference::ModelForm::quantised);
  // What it does by itself is this processor's affair: but pictures get the plain form.
  const auto usual = opened(inference::Precision::automatic);
  const bool quantised = usual->runtime().preferred_form() == inference::ModelForm::quantised;
  EXPECT_EQ(usual->picture_detector().value() != usual->clip_detector().value(), quantised);
  EXPECT_NE(usual->picture_detector().value()->identity(), told->picture_detector().value()->identity());
}

TEST(ModelSet, AModelThatIsMissingKeepsNoOtherFromItsWork) {
  const auto set = opened(inference::Precision::fp32, "no-such-model");
  EXPECT_FALSE(set->clip_detector());
  EXPECT_FALSE(set->picture_detector());
  EXPECT_FALSE(set->keep_clip_detector_in_memory());
  EXPECT_TRUE(set->mesher());
}

}  // namespace
}  // namespace sightline::models
