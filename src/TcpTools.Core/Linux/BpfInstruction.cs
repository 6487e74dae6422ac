using System.Runtime.InteropServices;

namespace TcpTools.Linux;

/// <summary>One instruction of a classic BPF program (struct sock_filter, which is libpcap's struct bpf_insn).</summary>
/// <param name="Code">Class, size, mode and operation.</param>
/// <param name="JumpTrue">Instructions to skip when a comparison holds.</param>
/// <param name="JumpFalse">Instructions to skip when it does not.</param>
/// <param name="Value">The operand k.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct BpfInstruction(ushort Code, byte JumpTrue, byte JumpFalse, uint Value);
