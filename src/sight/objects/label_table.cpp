#include "sight/objects/label_table.h"

#include <algorithm>
#include <array>

#include "sight/objects/coco_classes.h"

namespace sightline::objects {
namespace {

constexpr std::string_view kAnimals = "Animals and Pets";
constexpr std::string_view kApparel = "Apparel and Accessories";
constexpr std::string_view kAppliances = "Home Appliances";
constexpr std::string_view kBeauty = "Beauty and Personal Care";
constexpr std::string_view kEveryday = "Everyday Objects";
constexpr std::string_view kFood = "Food and Beverage";
constexpr std::string_view kFurniture = "Furniture and Furnishings";
constexpr std::string_view kHome = "Home and Indoors";
constexpr std::string_view kKitchen = "Kitchen and Dining";
constexpr std::string_view kPeople = "Person Description";
constexpr std::string_view kPlants = "Plants and Flowers";
constexpr std::string_view kSafety = "Public Safety";
constexpr std::string_view kSports = "Sports";
constexpr std::string_view kSymbols = "Symbols and Flags";
constexpr std::string_view kTechnology = "Technology and Computing";
constexpr std::string_view kText = "Text and Documents";
constexpr std::string_view kTools = "Tools and Machinery";
constexpr std::string_view kToys = "Toys and Gaming";
constexpr std::string_view kTransport = "Transport and Logistics";
constexpr std::string_view kTravel = "Travel and Adventure";
constexpr std::string_view kVehicles = "Vehicles and Automotive";
constexpr std::string_view kWeapons = "Weapons and Military";

/// First one row a class, in the order of kClassNames; then what stands above them.
constexpr std::array kRows = std::to_array<LabelRow>({
    {"Person", "", kPeople, "Human"},
    {"Bicycle", "Transportation, Vehicle", kVehicles, "Bike"},
    {"Car", "Transportation, Vehicle", kVehicles, "Automobile"},
    {"Motorcycle", "Transportation, Vehicle", kVehicles, ""},
    {"Airplane", "Aircraft, Transportation, Vehicle", kVehicles, ""},
    {"Bus", "Transportation, Vehicle", kVehicles, ""},
    {"Train", "Transportation, Vehicle", kVehicles, ""},
    {"Truck", "Transportation, Vehicle", kVehicles, ""},
    {"Boat", "Transportation, Vehicle", kVehicles, ""},
    {"Traffic Light", "Light", kTransport, ""},
    {"Fire Hydrant", "Hydrant", kSafety, ""},
    {"Stopsign", "Road Sign, Sign, Symbol", kSymbols, ""},
    {"Parking Meter", "Machine", kTools, ""},
    {"Bench", "Furniture", kFurniture, ""},
    {"Bird", "Animal", kAnimals, ""},
    {"Cat", "Animal, Mammal, Pet", kAnimals, ""},
    {"Dog", "Animal, Canine, Mammal, Pet", kAnimals, ""},
    {"Horse", "Animal, Mammal", kAnimals, ""},
    {"Sheep", "Animal, Livestock, Mammal", kAnimals, ""},
    {"Cow", "Animal, Cattle, Livestock, Mammal", kAnimals, ""},
    {"Elephant", "Animal, Mammal, Wildlife", kAnimals, ""},
    {"Bear", "Animal, Mammal, Wildlife", kAnimals, ""},
    {"Zebra", "Animal, Mammal, Wildlife", kAnimals, ""},
    {"Giraffe", "Animal, Mammal, Wildlife", kAnimals, ""},
    {"Backpack", "Bag", kApparel, ""},
    {"Umbrella", "Canopy", kEveryday, ""},
    {"Handbag", "Accessories, Bag", kApparel, "Purse"},
    {"Tie", "Accessories, Formal Wear", kApparel, "Necktie"},
    {"Suitcase", "Baggage", kTravel, ""},
    {"Frisbee", "Toy", kToys, ""},
    {"Skis", "Sport", kSports, ""},
    {"Snowboard", "Sport", kSports, ""},
    {"Ball", "", kSports, ""},
    {"Kite", "Toy", kToys, ""},
    {"Baseball Bat", "Baseball, Sport, Team Sport", kSports, ""},
    {"Baseball Glove", "Baseball, Clothing, Glove, Sport, Team Sport", kSports, ""},
    {"Skateboard", "", kSports, ""},
    {"Surfboard", "", kSports, ""},
    {"Tennis Racket", "Racket", kSports, ""},
    {"Bottle", "", kEveryday, ""},
    {"Wine Glass", "Glass", kKitchen, ""},
    {"Cup", "", kKitchen, ""},
    {"Fork", "Cutlery", kKitchen, ""},
    {"Knife", "Blade, Weapon", kWeapons, ""},
    {"Spoon", "Cutlery", kKitchen, ""},
    {"Bowl", "", kKitchen, ""},
    {"Banana", "Food, Fruit, Plant, Produce", kFood, ""},
    {"Apple", "Food, Fruit, Plant, Produce", kFood, ""},
    {"Sandwich", "Food", kFood, ""},
    {"Orange", "Citrus Fruit, Food, Fruit, Plant, Produce", kFood, ""},
    {"Broccoli", "Food, Plant, Produce, Vegetable", kFood, ""},
    {"Carrot", "Food, Plant, Produce, Vegetable", kFood, ""},
    {"Hot Dog", "Food", kFood, ""},
    {"Pizza", "Food", kFood, ""},
    {"Donut", "Food, Sweets", kFood, ""},
    {"Cake", "Dessert, Food", kFood, ""},
    {"Chair", "Furniture", kFurniture, ""},
    {"Couch", "Furniture", kFurniture, ""},
    {"Potted Plant", "Plant", kPlants, ""},
    {"Bed", "Furniture", kFurniture, ""},
    {"Dining Table", "Furniture, Table", kFurniture, ""},
    {"Toilet", "Bathroom, Indoors, Room", kHome, ""},
    {"TV", "Computer Hardware, Electronics, Hardware, Monitor, Screen", kTechnology, "Television"},
    {"Laptop", "Computer, Electronics, Pc", kTechnology, ""},
    {"Mouse", "Computer Hardware, Electronics, Hardware", kTechnology, ""},
    {"Remote Control", "Electronics", kTechnology, ""},
    {"Computer Keyboard", "Computer Hardware, Electronics, Hardware", kTechnology, "Keyboard"},
    {"Mobile Phone", "Electronics, Phone", kTechnology, "Cell Phone"},
    {"Microwave", "Appliance, Device, Electrical Device, Oven", kAppliances, ""},
    {"Oven", "Appliance, Device, Electrical Device", kAppliances, ""},
    {"Toaster", "Appliance, Device, Electrical Device", kAppliances, ""},
    {"Sink", "", kHome, ""},
    {"Refrigerator", "Appliance, Device, Electrical Device", kAppliances, ""},
    {"Book", "Publication", kText, ""},
    {"Clock", "", kEveryday, ""},
    {"Vase", "Jar, Pottery", kHome, ""},
    {"Scissors", "Blade, Weapon", kTools, ""},
    {"Teddy Bear", "Toy", kToys, ""},
    {"Blow Dryer", "Appliance, Device, Electrical Device", kBeauty, "Hair Dryer"},
    {"Toothbrush", "Brush, Device, Tool", kBeauty, ""},

    {"Accessories", "", kApparel, ""},
    {"Aircraft", "Transportation, Vehicle", kVehicles, ""},
    {"Animal", "", kAnimals, ""},
    {"Appliance", "Device, Electrical Device", kAppliances, ""},
    {"Bag", "", kApparel, ""},
    {"Baggage", "", kTravel, "Luggage"},
    {"Baseball", "Sport, Team Sport", kSports, ""},
    {"Bathroom", "Indoors, Room", kHome, ""},
    {"Blade", "Weapon", kWeapons, ""},
    {"Brush", "Device, Tool", kTools, ""},
    {"Canine", "Animal, Mammal", kAnimals, ""},
    {"Canopy", "", kEveryday, ""},
    {"Cattle", "Animal, Livestock, Mammal", kAnimals, ""},
    {"Citrus Fruit", "Food, Fruit, Plant, Produce", kFood, ""},
    {"Clothing", "", kApparel, "Apparel"},
    {"Computer", "Electronics", kTechnology, ""},
    {"Computer Hardware", "Electronics, Hardware", kTechnology, ""},
    {"Cutlery", "", kKitchen, ""},
    {"Dessert", "Food", kFood, ""},
    {"Device", "", kTools, ""},
    {"Electrical Device", "Device", kTechnology, ""},
    {"Electronics", "", kTechnology, ""},
    {"Food", "", kFood, ""},
    {"Formal Wear", "", kApparel, ""},
    {"Fruit", "Food, Plant, Produce", kFood, ""},
    {"Furniture", "", kFurniture, ""},
    {"Glass", "", kKitchen, ""},
    {"Glove", "Clothing", kApparel, ""},
    {"Hardware", "", kTechnology, ""},
    {"Hydrant", "", kSafety, ""},
    {"Indoors", "", kHome, ""},
    {"Jar", "", kHome, ""},
    {"Light", "", kTransport, ""},
    {"Livestock", "Animal, Mammal", kAnimals, ""},
    {"Machine", "", kTools, ""},
    {"Mammal", "Animal", kAnimals, ""},
    {"Monitor", "Computer Hardware, Electronics, Hardware, Screen", kTechnology, ""},
    {"Pc", "Computer, Electronics", kTechnology, ""},
    {"Pet", "Animal", kAnimals, ""},
    {"Phone", "Electronics", kTechnology, ""},
    {"Plant", "", kPlants, ""},
    {"Pottery", "", kHome, ""},
    {"Produce", "Food", kFood, ""},
    {"Publication", "", kText, ""},
    {"Racket", "", kSports, ""},
    {"Road Sign", "Sign, Symbol", kSymbols, ""},
    {"Room", "Indoors", kHome, ""},
    {"Screen", "Electronics", kTechnology, ""},
    {"Sign", "Symbol", kSymbols, ""},
    {"Sport", "", kSports, ""},
    {"Sweets", "Food", kFood, ""},
    {"Symbol", "", kSymbols, ""},
    {"Table", "Furniture", kFurniture, ""},
    {"Team Sport", "Sport", kSports, ""},
    {"Tool", "Device", kTools, ""},
    {"Toy", "", kToys, ""},
    {"Transportation", "", kVehicles, ""},
    {"Vegetable", "Food, Plant, Produce", kFood, ""},
    {"Vehicle", "Transportation", kVehicles, ""},
    {"Weapon", "", kWeapons, ""},
    {"Wildlife", "Animal", kAnimals, ""},
});

}  // namespace

std::span<const LabelRow> label_rows() {
  return kRows;
}

const LabelRow& label_of_class(int kind) {
  return kRows.at(static_cast<std::size_t>(kind));
}

const LabelRow* find_label(std::string_view name) {
  const auto* found = std::ranges::find(kRows, name, &LabelRow::name);
  return found == kRows.end() ? nullptr : found;
}

std::vector<std::string_view> names_in(std::string_view list) {
  constexpr std::string_view kBetween = ", ";
  std::vector<std::string_view> names;
  while (!list.empty()) {
    const std::size_t end = list.find(kBetween);
    names.push_back(list.substr(0, end));
    list = end == std::string_view::npos ? std::string_view{} : list.substr(end + kBetween.size());
  }
  return names;
}

}  // namespace sightline::objects
