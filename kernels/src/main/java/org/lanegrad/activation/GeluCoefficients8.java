package org.lanegrad.activation;

/**
 * Coefficient d of interval k stands at 8·d + k; the last interval's are zero. The polynomials are
 * in the distance to the upper end of each interval, where the functions are smallest: around its
 * centre, the rounding of a sum up to six times as large as the result cost 4 ULP and more.
 *
 * <p>Weighted minimax fits of degree 8 by Lawson's algorithm, from 40 digits, rounded to float one
 * after the other from the lowest degree on.
 */
final class GeluCoefficients8 {
  // spotless:off
  /** Φ(−a): 5e−8 relative up to a = 3.7, 1e−11 absolute beyond. */
  static final float[] TAIL = {
    0x1.3ec3b2p-2f, 0x1.1e4bc4p-4f, 0x1.c614b8p-8f, 0x1.2b0dbap-12f, 0x1.3ca6d8p-18f, 0x1.08a2e2p-25f, 0x1.59b16cp-34f, 0f,
    -0x1.69ea62p-2f, -0x1.12aaf8p-3f, -0x1.3c6704p-6f, -0x1.149d3ap-10f, -0x1.6f150ap-16f, -0x1.70d55ap-23f, -0x1.10a1b6p-31f, 0f,
    0x1.642dc4p-4f, 0x1.958e86p-4f, 0x1.85547cp-6f, 0x1.dc7ddap-10f, 0x1.96392ap-15f, 0x1.ff4edp-22f, 0x1.223ddep-29f, 0f,
    0x1.6b871p-5f, -0x1.b08c9ap-6f, -0x1.0a8b22p-6f, -0x1.f560acp-10f, -0x1.1e1b9ap-14f, -0x1.7c568ap-21f, 0x1.527fe4p-30f, 0f,
    -0x1.64f4ccp-6f, -0x1.c248a8p-8f, 0x1.8ee244p-8f, 0x1.5eb8e6p-10f, 0x1.135b8ap-14f, 0x1.9f720ap-20f, 0x1.e4388ap-26f, 0f,
    -0x1.818ec4p-7f, 0x1.70d23cp-8f, -0x1.b8cf74p-12f, -0x1.599cfep-11f, -0x1.bd4be8p-15f, 0x1.0b1abcp-21f, 0x1.e6e9eap-25f, 0f,
    -0x1.9c6d04p-7f, -0x1.2bb3e8p-10f, -0x1.7a58ap-12f, 0x1.344bdap-13f, 0x1.720386p-16f, 0x1.a853c6p-19f, 0x1.be3a8p-24f, 0f,
    -0x1.276116p-6f, -0x1.330a5cp-10f, 0x1.0dc106p-11f, -0x1.0ceaeap-14f, -0x1.fdca42p-17f, 0x1.d10f1p-20f, 0x1.555336p-24f, 0f,
    -0x1.2d413ep-7f, -0x1.ee1ebcp-14f, 0x1.da088ep-14f, -0x1.6511bap-15f, 0x1.87e504p-19f, 0x1.43c234p-20f, 0x1.3737dep-25f, 0f,
  };

  /** Φ(−a) − a·φ(a): 7e−9 absolute. */
  static final float[] SLOPE = {
    0x1.1944dap-3f, -0x1.066a84p-3f, -0x1.4c9036p-5f, -0x1.b720eap-9f, -0x1.82b33ep-14f, -0x1.e3cd9ep-21f, -0x1.b95e5cp-29f, 0f,
    -0x1.3e13fp-1f, 0x1.8c068cp-6f, 0x1.40d9c6p-4f, 0x1.554618p-7f, 0x1.944b64p-12f, 0x1.3b8402p-18f, 0x1.539a24p-26f, 0f,
    0x1.4eb398p-2f, 0x1.70f674p-3f, -0x1.902c98p-5f, -0x1.d4e4bp-7f, -0x1.8ca036p-11f, -0x1.8bbcf4p-17f, -0x1.2068acp-24f, 0f,
    0x1.1d815ep-3f, -0x1.2a7736p-3f, -0x1.622ae8p-8f, 0x1.6302d4p-7f, 0x1.e3e832p-11f, 0x1.3c858ap-16f, 0x1.d7a2acp-25f, 0f,
    -0x1.c300cap-4f, 0x1.20fbccp-7f, 0x1.8d754ep-6f, -0x1.256302p-8f, -0x1.7de886p-11f, -0x1.6c729ap-16f, -0x1.086458p-21f, 0f,
    -0x1.bfecaap-7f, 0x1.b9f882p-6f, -0x1.4b96p-7f, -0x1.f9a8ap-12f, 0x1.0d259p-11f, 0x1.2779ecp-16f, -0x1.7a3252p-21f, 0f,
    0x1.201886p-5f, -0x1.0996b8p-6f, 0x1.c643a6p-9f, 0x1.62e22ap-15f, -0x1.e4597cp-16f, -0x1.ed790ep-17f, -0x1.a92d72p-20f, 0f,
    0x1.0ce23ep-6f, -0x1.11aaacp-7f, 0x1.2338d6p-8f, -0x1.56e2dp-10f, 0x1.503d22p-13f, 0x1.96e17ep-19f, -0x1.2f0f14p-20f, 0f,
    0x1.1cf10cp-8f, -0x1.d6540ep-12f, 0x1.0a3e32p-11f, -0x1.24a128p-12f, 0x1.2ca718p-14f, -0x1.547db8p-18f, -0x1.3c86aap-21f, 0f,
  };

  /** σ(−z(a)), z(a) = √(8/π)·(a + 0.044715·a³): 7e−8 relative up to a = 3.7, 2e−11 absolute beyond. */
  static final float[] TANH_TAIL = {
    0x1.3ecc5cp-2f, 0x1.1ee9f8p-4f, 0x1.bac17ep-8f, 0x1.cff448p-13f, 0x1.cec04ap-20f, 0x1.264826p-29f, 0x1.8ededep-42f, 0f,
    -0x1.69bb76p-2f, -0x1.1326d8p-3f, -0x1.3df87ap-6f, -0x1.dfb5c2p-11f, -0x1.4f6c5ep-17f, -0x1.1823cp-26f, 0x1.2d873ap-37f, 0f,
    0x1.655812p-4f, 0x1.93a79cp-4f, 0x1.8bb064p-6f, 0x1.c51f6ep-10f, 0x1.c8aa62p-16f, 0x1.4cf45ep-24f, 0x1.52d0cep-32f, 0f,
    0x1.6ea0bep-5f, -0x1.acb364p-6f, -0x1.0bfbe6p-6f, -0x1.fe96a2p-10f, -0x1.8ee21ap-15f, -0x1.e8f072p-27f, 0x1.8429cap-29f, 0f,
    -0x1.32bc64p-6f, -0x1.a9cf7cp-8f, 0x1.8075bep-8f, 0x1.742aa6p-10f, 0x1.a97f1cp-15f, 0x1.065c8p-20f, 0x1.e2590ap-27f, 0f,
    0x1.a7b8dp-10f, 0x1.6a2cep-8f, -0x1.5e0beep-12f, -0x1.645bfep-11f, -0x1.ea8778p-15f, 0x1.b9b06ep-20f, 0x1.3d71f8p-25f, 0f,
    0x1.1b6dd6p-6f, -0x1.4c56p-10f, -0x1.759766p-12f, 0x1.4d491p-13f, 0x1.d419c8p-17f, 0x1.e3d238p-19f, 0x1.e56b1ap-25f, 0f,
    0x1.171f36p-6f, -0x1.295b46p-10f, 0x1.be0fap-12f, -0x1.bc1ba2p-16f, -0x1.b6cf44p-16f, 0x1.61aba4p-19f, 0x1.874868p-25f, 0f,
    0x1.fd06bep-8f, -0x1.746ed6p-14f, 0x1.55e512p-14f, -0x1.0db582p-15f, 0x1.5bff12p-23f, 0x1.8bf2e8p-20f, 0x1.2254aap-26f, 0f,
  };

  /** σ(−z) − a·z′·σ(z)·σ(−z): 8e−9 absolute. */
  static final float[] TANH_SLOPE = {
    0x1.198408p-3f, -0x1.06d262p-3f, -0x1.4fe88cp-5f, -0x1.8030cp-9f, -0x1.64d534p-15f, -0x1.7e1238p-24f, -0x1.5f7d4ap-36f, 0f,
    -0x1.3dc584p-1f, 0x1.6dc15p-6f, 0x1.47e52ep-4f, 0x1.4a5386p-7f, 0x1.d1c15ep-13f, 0x1.60ba4cp-21f, -0x1.5d0002p-34f, 0f,
    0x1.4f47c6p-2f, 0x1.70293ep-3f, -0x1.8bda86p-5f, -0x1.e9b3aep-7f, -0x1.198be4p-11f, -0x1.35ceecp-19f, -0x1.05dca2p-27f, 0f,
    0x1.1af6aap-3f, -0x1.2467ep-3f, -0x1.017124p-7f, 0x1.824a34p-7f, 0x1.9f8d18p-11f, 0x1.5dab82p-18f, -0x1.12822cp-24f, 0f,
    -0x1.ccee0ep-4f, 0x1.366bp-7f, 0x1.8fe1e6p-6f, -0x1.29ea5ap-8f, -0x1.8d8074p-11f, -0x1.171156p-17f, -0x1.657a32p-22f, 0f,
    -0x1.06a24p-6f, 0x1.93d01cp-6f, -0x1.2f7c7ap-7f, -0x1.4bb8b4p-11f, 0x1.272f26p-11f, 0x1.1ddad2p-17f, -0x1.d4b7dcp-21f, 0f,
    0x1.e93636p-6f, -0x1.18401ep-6f, 0x1.1b838cp-9f, 0x1.6c0ebep-11f, -0x1.f2b06ap-14f, -0x1.ab716ep-17f, -0x1.70f53ep-20f, 0f,
    0x1.2a308p-7f, -0x1.ff5f5p-8f, 0x1.9f0286p-9f, -0x1.ed64bp-11f, 0x1.2b5726p-13f, 0x1.550b4p-23f, -0x1.2cef2cp-20f, 0f,
    0x1.6cf958p-11f, -0x1.70bc12p-13f, 0x1.d11e22p-13f, -0x1.00301p-12f, 0x1.635308p-14f, -0x1.1142ap-17f, -0x1.db8766p-22f, 0f,
  };
  // spotless:on

  private GeluCoefficients8() {}
}
