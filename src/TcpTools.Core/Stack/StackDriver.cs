using System;
using System.Threading;
using TcpTools.Linux;

namespace TcpTools.Stack;

/// <summary>
/// The thread of a stack in threaded mode: takes what the link has, lets due timers run out, and sleeps until there is
/// more, a deadline has come, or somebody wakes it.
/// </summary>
internal sealed class StackDriver : IDisposable
{
    // While something is going on the driver wakes at least so often. Every segment that a user sends sets a retransmission
    // timer, at least 200 ms away as a rule, and would have to wake a driver that sleeps for longer just to tell it so.
    private static readonly TimeSpan s_longestNap = TimeSpan.FromMilliseconds(100);

    private readonly TcpStack _stack;
    private readonly Poller _poller = new();
    private readonly Thread _thread;
    private readonly int _linkIndex;
    private bool _stopping;

    // Under the stack's lock: until when the driver sleeps, or will sleep when it leaves the lock. While it is awake, and
    // will look at the deadlines anyway, the start of time.
    private Instant _sleepsUntil;
    private bool _idle;
    private bool _wasBusy;

    // The driver's own: until when to sleep.
    private Instant _wakeAt;

    public StackDriver(TcpStack stack)
    {
        _stack = stack;
        int descriptor = stack.Link.PollDescriptor;
        _linkIndex = descriptor >= 0 ? _poller.Watch(descriptor) : -1;
        _thread = new Thread(Run) { IsBackground = true, Name = "TcpTools " + stack.Name };
    }

    /// <summary>Whether the calling thread is this driver's.</summary>
    public bool IsCurrentThread => ReferenceEquals(Thread.CurrentThread, _thread);

    /// <summary>Whether a wait ends for as long as the link has frames, not only when the first one comes.</summary>
    public bool PollsLink => _linkIndex >= 0;

    /// <summary>Starts the thread.</summary>
    public void Start()
    {
        if (_linkIndex < 0)
        {
            _stack.Link.Readable = _poller.Wake;
        }

        _thread.Start();
    }

    /// <summary>
    /// Tells, under the stack's lock and before it is left, when something is due: the driver itself before it sleeps, and
    /// anybody else while it does; then it is woken only when it would sleep past that.
    /// </summary>
    public void OnDeadline(Instant deadline, Instant now)
    {
        if (_idle)
        {
            _idle = false;
            _sleepsUntil = _wasBusy ? Instant.Earlier(deadline, now + s_longestNap) : deadline;
            _wakeAt = _sleepsUntil;
        }
        else if (deadline < _sleepsUntil)
        {
            _sleepsUntil = Instant.Zero;
            _poller.Wake();
        }
    }

    /// <summary>Under the stack's lock: the driver has done what there was to do and will sleep.</summary>
    /// <param name="wasBusy">Whether there was anything.</param>
    public void OnIdle(bool wasBusy)
    {
        _idle = true;
        _wasBusy = wasBusy;
    }

    /// <summary>Under the stack's lock: the driver is awake.</summary>
    public void OnAwake() => _sleepsUntil = Instant.Zero;

    /// <summary>Ends the thread and waits for its end, unless it is the caller itself.</summary>
    public void Stop()
    {
        Volatile.Write(ref _stopping, true);
        _poller.Wake();
        if (!IsCurrentThread && _thread.IsAlive)
        {
            _thread.Join();
        }
    }

    /// <summary>Releases the event descriptor; the thread must have ended, or be the caller's own.</summary>
    public void Dispose()
    {
        if (!IsCurrentThread)
        {
            _poller.Dispose();
        }
    }

    private void Run()
    {
        try
        {
            Poller.UsePreciseTimers();
            while (!Volatile.Read(ref _stopping))
            {
                if (_stack.Drive())
                {
                    continue;
                }

                _poller.Wait(TimeUntil(_wakeAt));
                if (_linkIndex >= 0 && _poller.IsBroken(_linkIndex) && !Volatile.Read(ref _stopping))
                {
                    throw new StackException(
                        StackError.SystemError, $"The link {_stack.Link.Name} is gone.", "Find out who removed the device.");
                }
            }
        }
#pragma warning disable CA1031 // Nobody could catch it here: it becomes the stack's visible fault instead.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _stack.OnFault(error);
        }

        if (_stack.HasStoppedItself)
        {
            _poller.Dispose();
        }
    }

    private TimeSpan TimeUntil(Instant deadline)
    {
        if (deadline.IsNever)
        {
            return Timeout.InfiniteTimeSpan;
        }

        TimeSpan left = deadline - _stack.Now;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
