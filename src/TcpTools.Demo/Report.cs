using System.IO;

namespace TcpTools.Demo;

/// <summary>What the demo tells: what it does, and what it has verified.</summary>
internal sealed class Report(TextWriter output)
{
    /// <summary>Whether everything checked so far was as it should be.</summary>
    public bool IsGood { get; private set; } = true;

    /// <summary>A line of the story.</summary>
    public void Say(string text) => output.WriteLine(text);

    /// <summary>One thing that was verified, and how it came out.</summary>
    public void Check(bool isGood, string claim)
    {
        IsGood &= isGood;
        output.WriteLine($"  {(isGood ? "ok    " : "FAILED")}  {claim}");
    }
}
