using System.Threading;

namespace TcpTools.PowerShell;

/// <summary>
/// Counted signals for one thread that sleeps until there is one. Unlike a SemaphoreSlim it does not spin first: on a busy machine
/// a thread that gives its time away while it spins gets it back milliseconds later, just when its signal has come.
/// </summary>
internal sealed class WakeSignal
{
    private readonly object _gate = new();
    private int _count;

    /// <summary>Wakes the thread, or lets its next wait end at once.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _count++;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Waits for a signal and takes it.</summary>
    public void Wait()
    {
        lock (_gate)
        {
            while (_count == 0)
            {
                Monitor.Wait(_gate);
            }

            _count--;
        }
    }
}
