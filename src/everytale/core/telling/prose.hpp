// Paragraphs from a book: which block is told, in which of its ways, its speech attributed.
//
// The teller's memory (what they saw happen, what is said already, what is still in the reader's ear) belongs to one tale; it is a
// function of the moves and the seed alone.
#pragma once

#include <set>
#include <unordered_map>

#include "../chance.hpp"
#include "filling.hpp"

namespace everytale::telling {

using Paragraphs = std::vector<std::string>;

// The prose of one tale.
class Prose {
public:
    Prose(const Book &book, Chance chance) : book_(&book), chance_(chance), last_(book.memories(), 0) {}

    // The teller knows now that something happened: a move, by its memory with arguments and that of its name; a scene.
    void remember(std::int32_t what, std::int32_t base) {
        ++known_;
        last_[what] = last_[base] = known_;
    }

    // The teller just saw that move.
    void saw(std::int32_t what, std::int32_t base) {
        remember(what, base);
        before_ = {what, base};
    }

    // Adds the paragraphs of the first block that fits; its condition is read in `state`, before the move. When it has nothing new to
    // say, those of the first summary that fits. `because`: the reasons of the move.
    void tell(const Words &words, const Tale &tale, State state, const std::vector<std::int32_t> &because, Paragraphs &to) {
        const auto fresh = std::find_if(because.begin(), because.end(), [&](std::int32_t one) { return thought_.count(one) == 0; });
        const std::int32_t reason = fresh == because.end() ? -1 : *fresh;
        for (const Range blocks : {Range{words.blocks.begin, words.summaries}, Range{words.summaries, words.blocks.end}}) {
            std::int32_t index = blocks.begin;
            while (index < blocks.end && !fits(book_->block(index), tale, state, reason)) ++index;
            if (index == blocks.end || tell_block(book_->block(index), tale, state, reason, to)) return;
        }
    }

    // Adds what somebody thinks of why they do it, if it has not been thought in this tale.
    void think(const std::vector<std::int32_t> &because, Paragraphs &to) {
        for (const std::int32_t reason : because) {
            if (!thought_.insert(reason).second) continue;
            speakers_[0] = speakers_[1] = 0;
            std::string text = capital(typographic(book_->string(reason)));
            if (!among(last(text), U".!?…")) text += ".";
            ear_.hear(sound(text));
            to.push_back(std::move(text));
            return;
        }
    }

    // The numbers of the lines that were told, each once, and the paragraphs that may come again.
    const std::set<std::int32_t> &reached() const { return reached_; }
    const std::set<std::string> &refrains() const { return refrains_; }

private:
    bool fits(const Block &block, const Tale &tale, State state, std::int32_t reason) const {
        if ((block.once && used_.count(block.number) != 0) || (block.reasoned && reason < 0)) return false;
        for (std::int32_t i = block.whens.begin; i < block.whens.end; ++i)
            if (!occurs(book_->when(i))) return false;
        return block.condition < 0 || tale.holds(state, block.condition);
    }

    bool occurs(const When &when) const {
        if (when.kind == When::JUST_AFTER) return when.memory == before_[0] || when.memory == before_[1];
        const bool made = last_[when.memory] > (when.since < 0 ? 0 : last_[when.since]);
        return made == (when.kind == When::AGAIN || when.kind == When::AFTER);
    }

    // Of the ways to tell it that are left, one of those that jar least; false where none is left.
    bool tell_block(const Block &block, const Tale &tale, State state, std::int32_t reason, Paragraphs &to) {
        const std::string *because = reason < 0 ? nullptr : &book_->string(reason);
        std::vector<Way> rooms(static_cast<std::size_t>(block.lines.end - block.lines.begin));
        std::vector<const Way *> left;
        int least = 0;  // how often a refrain was said that was said least
        for (std::int32_t i = block.lines.begin; i < block.lines.end; ++i) {
            const Way &way = book_->way(i, tale, state, because, rooms[static_cast<std::size_t>(i - block.lines.begin)]);
            const int said = times_said(way);
            if (!block.refrain && said > 0) continue;
            if (block.refrain && (left.empty() || said < least)) left.clear(), least = said;
            if (!block.refrain || said == least) left.push_back(&way);
        }
        if (left.size() > 1) keep_what_jars_least(left);
        if (left.empty()) return false;
        tell_way(block, *left[left.size() > 1 ? chance_.below(left.size()) : 0], reason, to);
        return true;
    }

    void keep_what_jars_least(std::vector<const Way *> &ways) const {
        std::vector<int> jars;
        for (const Way *way : ways) jars.push_back(ear_.jars(way->sounds));
        const int least = *std::min_element(jars.begin(), jars.end());
        std::size_t kept = 0;
        for (std::size_t i = 0; i < ways.size(); ++i)
            if (jars[i] == least) ways[kept++] = ways[i];
        ways.resize(kept);
    }

    void tell_way(const Block &block, const Way &way, std::int32_t reason, Paragraphs &to) {
        if (block.once) used_.insert(block.number);
        ++said_[way.key];
        reached_.insert(way.number);
        if (block.reasoned && reason >= 0) thought_.insert(reason);
        for (std::size_t i = 0; i < way.said.size(); ++i) {
            const Said &said = way.said[i];
            ear_.hear(way.sounds[i]);
            if (said.speaker != 0 && said.manner != THOUGHT) {
                to.push_back(spoken(said));
            } else {
                speakers_[0] = speakers_[1] = 0;
                to.push_back(said.text);
            }
            if (block.refrain) refrains_.insert(to.back());
        }
    }

    // Speech, with its speaker where it would be unclear: unless two take turns.
    std::string spoken(const Said &said) {
        constexpr int most_unattributed = 4;  // lines of a dialogue after which it is said again who speaks
        const bool clear = speakers_[0] == said.speaker && speakers_[1] != said.speaker && speakers_[1] != 0 && unattributed_ < most_unattributed;
        unattributed_ = clear ? unattributed_ + 1 : 0;
        speakers_[0] = speakers_[1], speakers_[1] = said.speaker;
        return speech(said.text, clear ? "" : book_->voice().says(book_->entity(said.speaker), said.speaker), said.manner == SPEECH);
    }

    int times_said(const Way &way) const {
        const auto found = said_.find(way.key);
        return found == said_.end() ? 0 : found->second;
    }

    const Book *book_;
    Chance chance_;
    Ear ear_;
    int known_ = 0;
    std::vector<int> last_;                // by memory: when that was last made, as the teller knows it, counted from 1
    std::array<std::int32_t, 2> before_ = {-1, -1};  // the move that the teller saw last, in both ways
    std::unordered_set<std::int32_t> used_, thought_;
    std::unordered_map<Mark, int> said_;
    Number speakers_[2] = {0, 0};          // who spoke the paragraphs just before; nobody after narration
    int unattributed_ = 0;
    std::set<std::int32_t> reached_;
    std::set<std::string> refrains_;
};

}  // namespace everytale::telling
