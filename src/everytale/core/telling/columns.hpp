// The columns of a book, as they are handed over: by Python, or by a packed world.
#pragma once

#include <string>
#include <vector>

#include "../world.hpp"

namespace everytale::telling {

// Nodes are of the core's table; -1 is none. `x_offsets` has an entry more
// than there are x's owners: those of owner i are from offsets[i] to offsets[i + 1].
struct BookColumns {
    std::vector<std::string> strings;
    Column settings;                                                      // title (string), teller (person or -1), me (entity or 0), tense
    Column entity_label, entity_word, entity_plural;                      // of entities 1 ...; a row of 5 strings each, by case
    Column person_entity;                                                 // the entity that each person is
    Column part_kind, part_text, part_node, part_acts;                    // see Part
    Column beat_manner, beat_speaker, beat_part_offsets;                  // speaker: a node
    Column line_number, line_beat_offsets;                                // lines of one number are the same alternative, of several moves
    Column block_number, block_condition, block_manner;                   // manner: 1 once, 2 refrain, 4 speaks of the reason
    Column block_when_offsets, block_line_offsets, block_line_items;      // the lines of a block, by index
    Column when_kind, when_memory, when_since;                            // since: a memory
    Column words_block_offsets, words_summary;                            // summary: how many of its blocks, the last ones, stand in
    Column move_name, move_base, move_memory, move_base_memory, move_manner;  // name with arguments and base name; manner: 1 has prose, 2 thinks
    Column move_argument_offsets, move_argument_items;                    // entities
    Column move_choice;                                                   // a beat, or -1
    Column trigger_memory, trigger_base_memory, trigger_told;
    Column scene_title, scene_memory, scene_opens, scene_closes;          // titles are strings; nodes that come to hold, or -1
    Column opening_offsets, opening_scene, opening_node;                  // by move: scenes that it opens, in order, where the node holds
    Column closing_offsets, closing_scene, closing_node;                  // by move: scenes that it closes
    Column ending_title;
    Column want_person, want_sign, want_each, want_measure, want_because; // because: a string or -1
};

// Every column by its name, for whoever reads or writes them one by one.
struct BookSection {
    const char *name;
    Column BookColumns::*column;
};
#define EVERYTALE_SECTION(name) {#name, &BookColumns::name}
inline constexpr BookSection book_sections[] = {
    EVERYTALE_SECTION(settings), EVERYTALE_SECTION(entity_label), EVERYTALE_SECTION(entity_word), EVERYTALE_SECTION(entity_plural), EVERYTALE_SECTION(person_entity),
    EVERYTALE_SECTION(part_kind), EVERYTALE_SECTION(part_text), EVERYTALE_SECTION(part_node), EVERYTALE_SECTION(part_acts),
    EVERYTALE_SECTION(beat_manner), EVERYTALE_SECTION(beat_speaker), EVERYTALE_SECTION(beat_part_offsets), EVERYTALE_SECTION(line_number), EVERYTALE_SECTION(line_beat_offsets),
    EVERYTALE_SECTION(block_number), EVERYTALE_SECTION(block_condition), EVERYTALE_SECTION(block_manner),
    EVERYTALE_SECTION(block_when_offsets), EVERYTALE_SECTION(block_line_offsets), EVERYTALE_SECTION(block_line_items),
    EVERYTALE_SECTION(when_kind), EVERYTALE_SECTION(when_memory), EVERYTALE_SECTION(when_since), EVERYTALE_SECTION(words_block_offsets), EVERYTALE_SECTION(words_summary),
    EVERYTALE_SECTION(move_name), EVERYTALE_SECTION(move_base), EVERYTALE_SECTION(move_memory), EVERYTALE_SECTION(move_base_memory), EVERYTALE_SECTION(move_manner),
    EVERYTALE_SECTION(move_argument_offsets), EVERYTALE_SECTION(move_argument_items), EVERYTALE_SECTION(move_choice),
    EVERYTALE_SECTION(trigger_memory), EVERYTALE_SECTION(trigger_base_memory), EVERYTALE_SECTION(trigger_told),
    EVERYTALE_SECTION(scene_title), EVERYTALE_SECTION(scene_memory), EVERYTALE_SECTION(scene_opens), EVERYTALE_SECTION(scene_closes),
    EVERYTALE_SECTION(opening_offsets), EVERYTALE_SECTION(opening_scene), EVERYTALE_SECTION(opening_node),
    EVERYTALE_SECTION(closing_offsets), EVERYTALE_SECTION(closing_scene), EVERYTALE_SECTION(closing_node), EVERYTALE_SECTION(ending_title),
    EVERYTALE_SECTION(want_person), EVERYTALE_SECTION(want_sign), EVERYTALE_SECTION(want_each), EVERYTALE_SECTION(want_measure), EVERYTALE_SECTION(want_because)};
#undef EVERYTALE_SECTION

}  // namespace everytale::telling
