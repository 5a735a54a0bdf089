// Parts made by one thread for another that takes them in turn. See world.hpp for the whole.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace everytale {

// Makes the parts of a work one after another, in a thread of its own, before they are taken; without one, when they are taken.
// It pauses while those that wait to be taken weigh `room` or more, since they take memory.
template <class Part>
class Ahead {
public:
    struct Stopped {};

    // `weight(k)` and `make(k, look)`: of the k-th of `count` parts; `look` is called from time to time, and throws when nobody wants it any more.
    Ahead(std::size_t count, std::size_t room, std::function<std::size_t(std::size_t)> weight, std::function<Part(std::size_t, const std::function<void()> &)> make, bool threaded)
        : weight_(std::move(weight)), make_(std::move(make)), room_(room) {
        if (threaded && count > 1) thread_ = std::thread([this, count] { work(count); });
    }
    Ahead(const Ahead &) = delete;
    Ahead &operator=(const Ahead &) = delete;

    ~Ahead() {
        {
            const std::lock_guard lock(mutex_);
            stopped_ = true;
        }
        changed_.notify_all();
        if (thread_.joinable()) thread_.join();
    }

    // The next part; while it is not there yet, `look` is called as often as the other thread looks.
    Part take(const std::function<void()> &look) {
        if (!thread_.joinable()) return make_(taken_++, look);
        std::unique_lock lock(mutex_);
        while (made_.empty() && !error_) {
            changed_.wait(lock);
            lock.unlock();
            look();
            lock.lock();
        }
        if (made_.empty()) std::rethrow_exception(error_);
        Part part = std::move(made_.front());
        made_.pop_front(), held_ -= weight_(taken_++);
        lock.unlock();
        changed_.notify_all();
        return part;
    }

private:
    void work(std::size_t count) {
        const std::function<void()> look = [this] {
            const std::lock_guard lock(mutex_);
            if (stopped_) throw Stopped{};
            changed_.notify_all();
        };
        try {
            for (std::size_t k = 0; k < count; ++k) {
                std::unique_lock lock(mutex_);
                changed_.wait(lock, [this] { return held_ < room_ || stopped_; });
                lock.unlock();
                look();
                Part part = make_(k, look);
                lock.lock();
                made_.push_back(std::move(part)), held_ += weight_(k);
                lock.unlock();
                changed_.notify_all();
            }
        } catch (const Stopped &) {
        } catch (...) {
            const std::lock_guard lock(mutex_);
            error_ = std::current_exception();
            changed_.notify_all();
        }
    }

    const std::function<std::size_t(std::size_t)> weight_;
    const std::function<Part(std::size_t, const std::function<void()> &)> make_;
    const std::size_t room_;
    std::size_t taken_ = 0, held_ = 0;  // parts; the weight of those made and not taken
    bool stopped_ = false;
    std::deque<Part> made_;
    std::exception_ptr error_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::thread thread_;
};

}  // namespace everytale
