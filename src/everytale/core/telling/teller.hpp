// Telling a tale, move by move: its prose, with scenes between.
#pragma once

#include <string>
#include <vector>

#include "prose.hpp"

namespace everytale::telling {

enum class Occasion : std::uint8_t { scene, close, move, learned, ending };

// A piece of a tale: what opens a scene (with its title, the first time) or closes it, tells a move, tells one that is only learned of
// now, or ends it (the title is then the ending's). Paragraphs may be none.
struct Told {
    Occasion occasion;
    std::vector<std::string> paragraphs;
    std::int32_t move = -1;
    std::optional<std::string> title;
};

class Teller {
public:
    // Draws from the stream of prose that `seed` has.
    Teller(const Book &book, std::uint64_t seed);

    // What is told when `move` is made in the state `before`, which becomes `after` by it.
    std::vector<Told> move(Tale &tale, std::int32_t move, State before, State after);

    // What is told where the tale comes to that ending.
    std::vector<Told> ending(Tale &tale, std::int32_t ending, State state);
};

}  // namespace everytale::telling
