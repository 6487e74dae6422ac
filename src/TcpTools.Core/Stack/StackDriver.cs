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
    private readonly TcpStack _stack;
    private readonly Poller _poller = new();
    private readonly Thread _thread;
    private readonly int _linkIndex;
    private bool _stopping;

    // Under the stack's lock: until when the driver sleeps, or will sleep when it leaves the lock. While it is awake, and
    // will look at the deadlines anyway, the start of time.
    private Instant _sleepsUntil;
    private bool _idle;

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
    public void OnDeadline(Instant deadline)
    {
        if (_idle)
        {
            _idle = false;
            _sleepsUntil = deadline;
            _wakeAt = deadline;
        }
        else if (deadline < _sleepsUntil)
        {
            _sleepsUntil = Instant.Zero;
            _poller.Wake();
        }
    }

    /// <summary>Under the stack's lock: the driver found nothing to do and will sleep.</summary>
    public void OnIdle() => _idle = true;

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
