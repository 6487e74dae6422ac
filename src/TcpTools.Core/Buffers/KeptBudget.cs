namespace TcpTools.Buffers;

/// <summary>Bytes that may be kept of all streams that have not been handed over.</summary>
internal sealed class KeptBudget(long limit)
{
    public long Used { get; private set; }

    public long Left => limit - Used;

    public void Take(long bytes) => Used += bytes;

    public void GiveBack(long bytes) => Used -= bytes;
}
